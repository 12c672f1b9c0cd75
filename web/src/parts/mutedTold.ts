import type { Issue } from '../api/issues';
import { shortDay } from '../format/day';
import { dayAndTime } from '../format/moment';
import { number } from '../format/number';
import type { Teller } from '../format/teller';
import type { Speech } from '../words/speech';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** `muted until 4 Dec 00:00, by ann`; nothing where it is not muted. */
export function mutedTold(issue: Issue, teller: Teller, t: Speech['t']): string | null {
  const { muted, muted_left: left, muted_until: until, muted_by: by } = issue;
  if (muted === null) return null;
  // What was just said has a day only: it begins at midnight.
  const at = (end: string) => (DAY.test(end) ? `${shortDay(end, teller)} 00:00` : dayAndTime(end, teller));
  const count = left ?? 0;
  const how = t(`issue.isMuted.${muted}`, { count, told: number(count, teller.lang), at: at(until ?? '') });
  return by === null ? how : t('issue.mutedBy', { how, by });
}
