import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type RunAnswer = Schemas['RunAnswer'];
export type Explanation = NonNullable<RunAnswer['explanation']>;
export type Tree = Schemas['TreeAnswer'];
export type TreeNode = Tree['nodes'][number];

export function useRun(key: string) {
  const lang = useLang();
  return useQuery({
    queryKey: ['run', key, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/runs/{run_key}', { params: { path: { run_key: key }, query: { lang } }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** The tree of a run with its steps and errors, beside the last good one. */
export function useTree(key: string) {
  const lang = useLang();
  return useQuery({
    queryKey: ['tree', key, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/runs/{run_key}/tree', { params: { path: { run_key: key }, query: { lang } }, signal })),
    placeholderData: keepPreviousData,
  });
}
