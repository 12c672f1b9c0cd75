import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Night = Schemas['NightAnswer'];
export type Cause = Night['causes'][number];
export type Timeline = Schemas['TimelineAnswer'];
export type Heatmap = Schemas['Heatmap'];

/** Days shown on the map of jobs and nights. */
const MAP_DAYS = 30;

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

export function useTimeline(environment: string, day: string) {
  return useQuery({
    queryKey: ['timeline', environment, day],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/nights/{day}/timeline', { params: { path: { day }, query: { environment } }, signal })),
    enabled: environment !== '',
    placeholderData: keepPreviousData,
  });
}

/** The nights up to this one; `latest` is the newest. */
export function useHeatmap(environment: string, day: string) {
  const to = day === 'latest' ? {} : { to: day };
  return useQuery({
    queryKey: ['heatmap', environment, day],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/heatmap', { params: { query: { environment, days: MAP_DAYS, ...to } }, signal })),
    enabled: environment !== '',
    placeholderData: keepPreviousData,
  });
}
