import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { IssuesSearch } from '../app/search';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Issue = Schemas['IssueFacts'];
export type IssueAnswer = Schemas['IssueAnswer'];
export type Act = IssueAnswer['acts'][number];
export type RunLink = IssueAnswer['last_runs'][number];

/** The filters as the API has them. */
export function issuesFilter(environment: string, { state, family, category, blame, day, all }: IssuesSearch) {
  return {
    environment,
    ...(state === undefined ? {} : { state: state.split(',') }),
    ...(family === undefined ? {} : { family }),
    ...(category === undefined ? {} : { category: category.split(',') }),
    ...(blame === undefined ? {} : { blame: blame.split(',') }),
    ...(day === undefined ? {} : { day }),
    ...(all === true ? { all } : {}),
  };
}

/** Issues: open ones first, what was seen last first. */
export function useIssues(environment: string, search: IssuesSearch) {
  const lang = useLang();
  const filter = issuesFilter(environment, search);
  return useInfiniteQuery({
    queryKey: ['issues', filter, lang],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET('/api/v1/issues', {
          params: { query: { ...filter, lang, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** An issue by its id, or the beginning of it. */
export function useIssue(id: string) {
  const lang = useLang();
  return useQuery({
    queryKey: ['issue', id, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/issues/{issue}', { params: { path: { issue: id }, query: { lang } }, signal })),
    placeholderData: keepPreviousData,
  });
}
