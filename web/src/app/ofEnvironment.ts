/** Pages of one thing, which is in one environment, and the lists in which its like is. */
const LISTS = {
  '/runs/$key': '/runs',
  '/issues/$id': '/issues',
  '/jobs/$environment/$project/$job': '/jobs',
} as const;

/** Where another environment is seen: on the same page, or in a list where the page shows a thing that is not there. */
export function listBehind(route: string | undefined): '/runs' | '/issues' | '/jobs' | undefined {
  return Object.entries(LISTS).find(([of]) => of === route)?.[1];
}
