import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { JobsSearch } from '../app/search';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Job = Schemas['JobFacts'];

/** As many as one answer may have; the others follow: filtering and sorting is done with all of them at hand. */
const PAGE = 500;

/** The filters as the API has them; texts are looked for with all jobs at hand. */
export function jobsFilter(environment: string, { all }: Pick<JobsSearch, 'all'>) {
  return { environment, ...(all === true ? { all } : {}) };
}

export function useJobs(environment: string, search: Pick<JobsSearch, 'all'>) {
  const lang = useLang();
  const filter = jobsFilter(environment, search);
  return useInfiniteQuery({
    queryKey: ['jobs', filter, lang],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET('/api/v1/jobs', {
          params: { query: { ...filter, lang, limit: PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
