import type { Issue } from '../../api/issues';

/** Issues of other problems that hold the text, or whose id begins so; those of the same family first. */
export function others(all: Issue[], issue: Issue, text: string): Issue[] {
  const wanted = text.trim().toLowerCase();
  const isMeant = ({ family, title, issue: id }: Issue) =>
    wanted === '' || id.startsWith(wanted) || [family, title].some((field) => field?.toLowerCase().includes(wanted));
  const isNear = (other: Issue) => Number(other.family === issue.family);
  return all
    .filter((other) => other.problem !== issue.problem && isMeant(other))
    .toSorted((one, other) => isNear(other) - isNear(one));
}
