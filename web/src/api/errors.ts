import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { ErrorsSearch } from '../app/search';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';
import { jobsMeant } from './runs';

export type ErrorFacts = Schemas['ErrorFacts'];

/** The filters as the API has them. */
export function errorsFilter(environment: string, search: ErrorsSearch) {
  const { run, issue, category, blame, from, to } = search;
  return {
    environment,
    ...jobsMeant(search),
    ...(run === undefined ? {} : { run }),
    ...(issue === undefined ? {} : { issue }),
    ...(category === undefined ? {} : { category: category.split(',') }),
    ...(blame === undefined ? {} : { blame: blame.split(',') }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** Errors as they were written, the newest first; a page of a long search may be empty, and others follow. */
export function useErrors(environment: string, search: ErrorsSearch) {
  const lang = useLang();
  const filter = errorsFilter(environment, search);
  return useInfiniteQuery({
    queryKey: ['errors', filter, lang],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET('/api/v1/errors', {
          params: { query: { ...filter, lang, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
