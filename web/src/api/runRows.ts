import { useInfiniteQuery } from '@tanstack/react-query';
import { ask, client, type Schemas } from './client';

export type RunRow = Schemas['Rows']['items'][number];

const PAGE = 200;

/** The rows of `log` and `logerreur` of a run and all below it, in the order in which they happened; around its error, if it has one. */
export function useRunRows(key: string, isAroundError: boolean) {
  return useInfiniteQuery({
    queryKey: ['rows', key, isAroundError],
    queryFn: ({ pageParam, signal }) => {
      const where = pageParam === '' ? {} : { cursor: pageParam };
      const query = { limit: PAGE, ...(isAroundError ? { around: 'error' } : {}), ...where };
      return ask(client.GET('/api/v1/runs/{run_key}/rows', { params: { path: { run_key: key }, query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    getPreviousPageParam: (page) => page.previous,
  });
}
