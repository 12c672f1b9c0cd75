import type { Run } from '../api/runs';

const LOOKS: Partial<Record<Run['outcome'], string>> = {
  success: 'ok',
  success_with_errors: 'recovered',
  success_with_warnings: 'recovered',
  failed: 'failed',
  lost: 'lost',
  running: 'running',
};

export const lookOf = (run: Run) => LOOKS[run.outcome] ?? 'none';

/** What the picture reaches up to: the longest run, and what is usual; a single run that took ages does not flatten the others. */
export function ceiling(runs: Run[], p95: number | null): number {
  const took = runs.map((run) => run.duration_ms ?? 0).toSorted((one, other) => one - other);
  const longest = took.at(-1) ?? 0;
  const many = took[Math.floor(took.length * 0.98)] ?? longest;
  return Math.max(1000, p95 ?? 0, Math.min(longest, many * 3)) * 1.05;
}
