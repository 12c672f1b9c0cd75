import { pick, type Lang } from '../../format/lang';

/** Between these a duration is as usual. */
const AS_USUAL = [0.95, 1.05] as const;
/** From here on it is said in the colour of what is slow. */
const SLOW = 1.2;

/** `+20%` of a share of the usual duration; null where it is as usual, or not known. */
export function trendText(trend: number | null, lang: Lang): string | null {
  if (trend === null || (trend >= AS_USUAL[0] && trend <= AS_USUAL[1])) return null;
  const more = Math.round((trend - 1) * 100);
  return `${more < 0 ? '−' : '+'}${Math.abs(more)}${pick(lang, '', '\u202f')}%`;
}

export const isSlower = (trend: number | null): boolean => trend !== null && trend >= SLOW;
