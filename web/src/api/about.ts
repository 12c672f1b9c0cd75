import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type About = Schemas['About'];

/** What this smartETL is: its version, its zone, its environments, what troubles it. */
export function useAbout() {
  const lang = useLang();
  return useQuery({
    queryKey: ['about', lang],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/about', { params: { query: { lang } }, signal })),
    placeholderData: keepPreviousData,
  });
}
