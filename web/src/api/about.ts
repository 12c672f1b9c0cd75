import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Lang } from '../format/lang';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type About = Schemas['About'];

export const aboutQuery = (lang: Lang) =>
  queryOptions({
    queryKey: ['about', lang],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/about', { params: { query: { lang } }, signal })),
  });

/** What this smartETL is: its version, its zone, its environments, what troubles it. */
export function useAbout() {
  const lang = useLang();
  return useQuery({ ...aboutQuery(lang), placeholderData: keepPreviousData });
}
