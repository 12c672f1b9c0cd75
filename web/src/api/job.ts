import { keepPreviousData, useQuery } from '@tanstack/react-query';
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

/** A job by its name: once for each system that runs one of this name. */
export function useJob(path: JobName) {
  const lang = useLang();
  return useQuery({
    queryKey: ['job', path, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/jobs/{environment}/{project}/{job}', { params: { path, query: { lang } }, signal })),
    placeholderData: keepPreviousData,
  });
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

/** Its newest runs; a name with a star in it would find those of other jobs, which are left out. */
export function useJobRuns({ environment, project, job }: JobName) {
  const lang = useLang();
  return useQuery({
    queryKey: ['jobRuns', environment, project, job, lang],
    queryFn: async ({ signal }) => {
      const query = { environment, job, all: true, limit: RUNS, lang };
      const { items } = await ask(client.GET('/api/v1/runs', { params: { query }, signal }));
      return items.filter((run) => run.job === job && (run.project ?? '-') === project);
    },
    placeholderData: keepPreviousData,
  });
}
