import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Night = Schemas['NightAnswer'];
export type Cause = Night['causes'][number];

/** A night with all that is said about it; `latest` is the newest one. */
export function useNight(environment: string, day: string) {
  const lang = useLang();
  return useQuery({
    queryKey: ['night', environment, day, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/nights/{day}', { params: { path: { day }, query: { environment, lang } }, signal })),
    enabled: environment !== '',
    placeholderData: keepPreviousData,
  });
}
