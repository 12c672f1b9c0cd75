import type { Issue } from '../../api/issues';

/** Issues of other problems, those of the same family first. */
export function others(found: Issue[], issue: Issue): Issue[] {
  const isNear = (other: Issue) => Number(other.family === issue.family);
  return found.filter((other) => other.problem !== issue.problem).toSorted((one, other) => isNear(other) - isNear(one));
}
