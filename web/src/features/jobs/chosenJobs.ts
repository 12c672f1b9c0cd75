import type { Job } from '../../api/jobs';
import type { JobColumn, JobsSearch } from '../../app/search';

/** What is sorted by, the worst first; what is not known comes last. */
const WORST: Record<JobColumn, (job: Job) => number | string | null> = {
  job: (job) => job.job.toLowerCase(),
  last: (job) => (job.last_started_at === null ? null : -Date.parse(job.last_started_at)),
  firstTry: (job) => job.first_try_rate,
  usual: (job) => (job.usual_duration_ms === null ? null : -job.usual_duration_ms),
  trend: (job) => (job.duration_trend === null ? null : -job.duration_trend),
  rows: (job) => (job.usual_rows === null ? null : -job.usual_rows),
  start: (job) => job.usual_start,
  since: (job) => -job.runs_since_success,
};

/** Without case and accents. */
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The jobs whose name, family, owner or project holds the text, in the order that is wanted, else in that of the answer. */
export function chosenJobs(jobs: Job[], { q, sort }: JobsSearch): Job[] {
  const text = q === undefined ? undefined : plain(q);
  const chosen = jobs.filter(({ job, family, owner, project }) =>
    text === undefined
      ? true
      : [job, family, owner, project].some((field) => field != null && plain(field).includes(text)),
  );
  if (sort === undefined) return chosen;
  const worst = WORST[sort];
  return chosen.toSorted((one, other) => {
    const [a, b] = [worst(one), worst(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  });
}
