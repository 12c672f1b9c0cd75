import { span } from '../format/duration';
import type { Speech } from '../words/speech';

/** Less is no loss worth a word. */
const LEAST_MS = 1000;
/** From here on days are told, which are masculine in French: minutes and hours are not. */
const DAYS_MS = 48 * 3_600_000;

/** `25 min lost`; null where nothing was. */
export function lostTime(milliseconds: number, { t, lang }: Pick<Speech, 't' | 'lang'>): string | null {
  if (milliseconds < LEAST_MS) return null;
  return t(milliseconds < DAYS_MS ? 'issue.lost' : 'issue.lostDays', { span: span(milliseconds, lang) });
}
