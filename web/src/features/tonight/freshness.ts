import type { Night } from '../../api/night';

type Known = Pick<Night, 'after' | 'as_of' | 'no_logs_since' | 'nights_without_jobs'>;

/** What is told of a time so long ago is not of now: logs may be overdue since. */
const NOW_MS = 3_600_000;

/** Whether logs arrive: they do, they are overdue, or the night is told as of a time before and nobody can say. */
export function freshness(night: Known, now: number): 'fresh' | 'silent' | 'past' {
  if (isSilent(night)) return 'silent';
  const asOf = night.as_of === null ? NaN : Date.parse(night.as_of);
  return night.after === null && now - asOf < NOW_MS ? 'fresh' : 'past';
}

/** More logs should have come: what started since cannot be known. */
export function isSilent(night: Pick<Known, 'no_logs_since' | 'nights_without_jobs'>): boolean {
  return night.no_logs_since !== null || night.nights_without_jobs !== null;
}
