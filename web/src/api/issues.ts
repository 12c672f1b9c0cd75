import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { IssuesSearch } from '../app/search';
import type { Lang } from '../format/lang';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';
import { useSession } from './session';

export type Issue = Schemas['IssueFacts'];
export type IssueAnswer = Schemas['IssueAnswer'];
export type Act = IssueAnswer['acts'][number];
export type Variable = IssueAnswer['variables'][number];
export type RunLink = IssueAnswer['last_runs'][number];

/** The filters as the API has them, for whoever looks: who has no name has no issues of their own, and sees all. */
export function issuesFilter(
  environment: string,
  { state, family, category, blame, assignee, day, muted, all }: IssuesSearch,
  me: string | null | undefined,
) {
  const name = assignee === 'nobody' ? NOBODY : assignee === 'me' ? (me ?? undefined) : undefined;
  return {
    environment,
    ...(state === undefined ? {} : { state: state.split(',') }),
    ...(family === undefined ? {} : { family }),
    ...(category === undefined ? {} : { category: category.split(',') }),
    ...(blame === undefined ? {} : { blame: blame.split(',') }),
    ...(name === undefined ? {} : { assignee: name }),
    ...(day === undefined ? {} : { day }),
    ...(muted === true ? { muted } : {}),
    ...(all === true ? { all } : {}),
  };
}

/** So the API calls nobody. */
const NOBODY = '';

export const issuesQuery = (filter: ReturnType<typeof issuesFilter>, lang: Lang) =>
  infiniteQueryOptions({
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
  });

/** Issues: open ones first, what was seen last first. */
export function useIssues(environment: string, search: IssuesSearch) {
  const lang = useLang();
  const { data: session, isPending } = useSession();
  return useInfiniteQuery({
    ...issuesQuery(issuesFilter(environment, search, session?.name), lang),
    // Who looks decides what is theirs.
    enabled: search.assignee !== 'me' || !isPending,
    placeholderData: keepPreviousData,
  });
}

/** So many of those that are meant are named. */
const FOUND = 20;

/** Issues that a text may mean, resolved and muted ones too; all of them where it is empty. */
export function useIssuesFound(environment: string, text: string) {
  const lang = useLang();
  const query = { environment, ...(text === '' ? {} : { q: text }), all: true, limit: FOUND, lang };
  return useQuery({
    queryKey: ['issuesFound', query],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/issues', { params: { query }, signal })),
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
