import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Lang } from '../format/lang';
import { useLang } from '../words/useLang';
import type { About } from './about';
import { ask, client, type Schemas } from './client';

export type Night = Schemas['NightAnswer'];
export type Cause = Night['causes'][number];
export type Timeline = Schemas['TimelineAnswer'];
export type Heatmap = Schemas['Heatmap'];

/** Days shown on the map of jobs and nights. */
const MAP_DAYS = 30;

/** The night that an address means. A demo begins with one that has something to show, others with the newest one. */
export function nightMeant(
  { day, environment }: { day?: string; environment?: string },
  about: About | undefined,
): string {
  const first = environment === undefined ? about?.day : undefined;
  return day ?? first ?? 'latest';
}

export const nightQuery = (environment: string, day: string, lang: Lang) =>
  queryOptions({
    queryKey: ['night', environment, day, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/nights/{day}', { params: { path: { day }, query: { environment, lang } }, signal })),
    enabled: environment !== '',
  });

/** A night with all that is said about it; `latest` is the newest one. */
export function useNight(environment: string, day: string) {
  return useQuery({ ...nightQuery(environment, day, useLang()), placeholderData: keepPreviousData });
}

export const timelineQuery = (environment: string, day: string) =>
  queryOptions({
    queryKey: ['timeline', environment, day],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/nights/{day}/timeline', { params: { path: { day }, query: { environment } }, signal })),
    enabled: environment !== '',
  });

export function useTimeline(environment: string, day: string) {
  return useQuery({ ...timelineQuery(environment, day), placeholderData: keepPreviousData });
}

export const heatmapQuery = (environment: string, day: string) =>
  queryOptions({
    queryKey: ['heatmap', environment, day],
    queryFn: ({ signal }) => {
      const to = day === 'latest' ? {} : { to: day };
      return ask(client.GET('/api/v1/heatmap', { params: { query: { environment, days: MAP_DAYS, ...to } }, signal }));
    },
    enabled: environment !== '',
  });

/** The nights up to this one; `latest` is the newest. */
export function useHeatmap(environment: string, day: string) {
  return useQuery({ ...heatmapQuery(environment, day), placeholderData: keepPreviousData });
}
