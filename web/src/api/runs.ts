import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { RunsSearch, WhichJobs } from '../app/search';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Run = Schemas['RunFacts'];

/** Which jobs are meant, as the API has it. */
export function jobsMeant({ job, project, system }: WhichJobs) {
  return {
    ...(job === undefined ? {} : { job }),
    ...(project === undefined ? {} : { project }),
    ...(system === undefined ? {} : { system }),
  };
}

/** The filters as the API has them. */
export function runsFilter(environment: string, search: RunsSearch) {
  const { day, status, category, all } = search;
  return {
    environment,
    ...jobsMeant(search),
    ...(day === undefined ? {} : { day }),
    ...(status === undefined ? {} : { status: status.split(',') }),
    ...(category === undefined ? {} : { category: category.split(',') }),
    ...(all === true ? { all } : {}),
  };
}

/** Runs, newest first, page by page. */
export function useRuns(environment: string, search: RunsSearch) {
  const lang = useLang();
  const filter = runsFilter(environment, search);
  return useInfiniteQuery({
    queryKey: ['runs', filter, lang],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET('/api/v1/runs', {
          params: { query: { ...filter, lang, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    enabled: environment !== '',
    placeholderData: keepPreviousData,
  });
}
