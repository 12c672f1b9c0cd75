import type { ErrorFacts } from '../../api/errors';

interface Sum {
  runs: number;
  jobs: number;
  /** The category that most of them have; nothing where all have one. */
  most?: { category: string; count: number };
}

/** How many runs and jobs wrote these errors, and what they mostly are. */
export function errorsSum(errors: ErrorFacts[]): Sum {
  const known = errors.filter((error) => error.run_key !== null);
  const runs = new Set(known.map((error) => error.run_key)).size;
  const jobs = new Set(known.map(({ system, project, job }) => JSON.stringify([system, project, job]))).size;
  const counts = new Map<string, number>();
  for (const { category } of errors) counts.set(category ?? 'unknown', (counts.get(category ?? 'unknown') ?? 0) + 1);
  const [first, ...others] = [...counts]
    .map(([category, count]) => ({ category, count }))
    .sort((one, other) => other.count - one.count);
  return first === undefined || others.length === 0 ? { runs, jobs } : { runs, jobs, most: first };
}
