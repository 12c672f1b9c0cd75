import { plusDays, type Day } from '../../format/day';

/** So many business days are asked for at first, then, and at most. */
export const DAYS = [14, 60, 400];

/** Whether a job was there before the days that were asked for, which end with its newest one. */
export function wasBefore(newest: Day | undefined, days: number, firstSeen: Day | undefined): boolean {
  return newest !== undefined && firstSeen !== undefined && firstSeen < plusDays(newest, 1 - days);
}
