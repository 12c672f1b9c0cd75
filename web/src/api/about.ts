import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Lang } from '../format/lang';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';
import { comingBack } from './comingBack';

export type About = Schemas['About'];

export const ABOUT = 'about';

/** Whether it is still there is asked so often, though nothing changes. */
const PULSE_MS = 60_000;

export const aboutQuery = (lang: Lang) =>
  queryOptions({
    queryKey: [ABOUT, lang],
    refetchInterval: comingBack(PULSE_MS),
    queryFn: ({ signal }) => ask(client.GET('/api/v1/about', { params: { query: { lang } }, signal })),
  });

/** What this smartETL is: its version, its zone, its environments, what troubles it. */
export function useAbout() {
  const lang = useLang();
  return useQuery({ ...aboutQuery(lang), placeholderData: keepPreviousData });
}
