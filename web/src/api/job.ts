import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Lang } from '../format/lang';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type JobAnswer = Schemas['JobAnswer'];

export type JobNight = Schemas['HistoryNight'];

export interface JobName {
  environment: string;
  /** `-` where there is none. */
  project: string;
  job: string;
}

/** So many of its runs are drawn. */
const RUNS = 120;

export const jobQuery = (path: JobName, lang: Lang) =>
  queryOptions({
    queryKey: ['job', path, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/jobs/{environment}/{project}/{job}', { params: { path, query: { lang } }, signal })),
  });

/** A job by its name: once for each system that runs one of this name. */
export function useJob(path: JobName) {
  return useQuery({ ...jobQuery(path, useLang()), placeholderData: keepPreviousData });
}

/** Its nights until the newest one, so many business days, the newest first. */
export function useJobNights(path: JobName, system: string, days: number) {
  const lang = useLang();
  return useQuery({
    queryKey: ['jobNights', path, system, days, lang],
    queryFn: async ({ signal }) => {
      const query = { system, days, lang };
      const { items } = await ask(
        client.GET('/api/v1/jobs/{environment}/{project}/{job}/history', { params: { path, query }, signal }),
      );
      return items.toReversed();
    },
    placeholderData: keepPreviousData,
  });
}

/** What names its runs, and no others, in lists of runs and errors; the system where several have a job of this name. */
export function runsOfJob(name: JobName, system: string | undefined) {
  return { ...name, ...(system === undefined ? {} : { system }) };
}

export const jobRunsQuery = (name: JobName, system: string | undefined, lang: Lang) =>
  queryOptions({
    queryKey: ['jobRuns', name, system, lang],
    queryFn: async ({ signal }) => {
      const query = { ...runsOfJob(name, system), all: true, limit: RUNS, lang };
      const { items } = await ask(client.GET('/api/v1/runs', { params: { query }, signal }));
      return items.filter((run) => run.job === name.job);
    },
  });

/** Its newest runs; a name with a star in it would find those of other jobs, which are left out. */
export function useJobRuns(name: JobName, system: string | undefined) {
  return useQuery({ ...jobRunsQuery(name, system, useLang()), placeholderData: keepPreviousData });
}
