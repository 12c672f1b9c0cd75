import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Job = Schemas['JobFacts'];

/** As many as one answer may have: filtering and sorting is done with all of them at hand. */
const PAGE = 500;

export function useJobs(environment: string) {
  const lang = useLang();
  return useInfiniteQuery({
    queryKey: ['jobs', environment, lang],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET('/api/v1/jobs', {
          params: { query: { environment, lang, limit: PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
