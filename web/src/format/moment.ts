import { otherYear, plusDays, shortDay, type Day } from './day';
import { pick } from './lang';
import { clockSeconds, clockTime, dateOf, local } from './local';
import { number } from './number';
import type { Teller } from './teller';

const unknown = ({ lang }: Teller) => pick(lang, 'unknown', 'inconnu');

/** `23 Nov`, and the year where it is not this one. */
function shortDate(day: Day, teller: Teller): string {
  return `${shortDay(day, teller)}${otherYear(day, teller)}`;
}

/** `02:14`, with the day where it is not today. */
export function moment(at: string, teller: Teller): string {
  const told = local(at, teller.zone);
  const now = local(teller.now, teller.zone);
  if (!told || !now) return unknown(teller);
  const isToday = dateOf(told) === dateOf(now);
  return isToday ? clockTime(told) : `${shortDate(dateOf(told), teller)} ${clockTime(told)}`;
}

/** `23 Nov 02:14`, today as well: where moments of many days stand below each other. */
export function dayAndTime(at: string, teller: Teller): string {
  const told = local(at, teller.zone);
  return told ? `${shortDate(dateOf(told), teller)} ${clockTime(told)}` : unknown(teller);
}

/** It belongs to a night of another date: it began the evening before, or long after. */
export function isOfOtherDay(at: string | null, day: Day, teller: Teller): boolean {
  const told = at === null ? undefined : local(at, teller.zone);
  return told === undefined || dateOf(told) !== day;
}

/** `02:14`, and the day besides where it is neither that of the night's morning nor the evening before. */
export function inNight(at: string, day: Day, teller: Teller): string {
  const told = local(at, teller.zone);
  if (!told) return unknown(teller);
  const date = dateOf(told);
  const isOfNight = date === day || plusDays(date, 1) === day;
  return isOfNight ? clockTime(told) : `${shortDate(date, teller)} ${clockTime(told)}`;
}

/** `5 h ago`; nothing for what lies ahead. */
export function ago(at: string, teller: Teller): string | undefined {
  const seconds = Math.floor((teller.now - Date.parse(at)) / 1000);
  if (Number.isNaN(seconds) || seconds < -60) return undefined;
  if (seconds < 60) return pick(teller.lang, 'just now', 'à l’instant');
  let told;
  if (seconds < 3600) told = `${Math.floor(seconds / 60)} min`;
  else if (seconds < 172_800) told = `${Math.floor(seconds / 3600)} h`;
  else told = `${number(Math.floor(seconds / 86_400), teller.lang)} ${pick(teller.lang, 'days', 'jours')}`;
  return pick(teller.lang, `${told} ago`, `il y a ${told}`);
}

/** `02:14 (5 h ago)` */
export function momentAndAge(at: string, teller: Teller): string {
  const age = ago(at, teller);
  return age === undefined ? moment(at, teller) : `${moment(at, teller)} (${age})`;
}

/** `02:14:05` */
export function seconds(at: string, teller: Teller): string {
  const told = local(at, teller.zone);
  return told ? clockSeconds(told) : unknown(teller);
}

/** `2026-11-23 02:14:05`: for hovering. */
export function exact(at: string, teller: Teller): string {
  const told = local(at, teller.zone);
  return told ? `${dateOf(told)} ${clockSeconds(told)}` : unknown(teller);
}
