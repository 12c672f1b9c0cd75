import { pick } from './lang';
import { local } from './local';
import type { Teller } from './teller';

/** Full and short, English and French. */
const MONTHS = [
  ['January', 'Jan', 'janvier', 'janv.'],
  ['February', 'Feb', 'février', 'févr.'],
  ['March', 'Mar', 'mars', 'mars'],
  ['April', 'Apr', 'avril', 'avril'],
  ['May', 'May', 'mai', 'mai'],
  ['June', 'Jun', 'juin', 'juin'],
  ['July', 'Jul', 'juillet', 'juil.'],
  ['August', 'Aug', 'août', 'août'],
  ['September', 'Sep', 'septembre', 'sept.'],
  ['October', 'Oct', 'octobre', 'oct.'],
  ['November', 'Nov', 'novembre', 'nov.'],
  ['December', 'Dec', 'décembre', 'déc.'],
] as const;

/** From Sunday on, as JavaScript counts. */
const WEEKDAYS = [
  ['Sun', 'dim.'],
  ['Mon', 'lun.'],
  ['Tue', 'mar.'],
  ['Wed', 'mer.'],
  ['Thu', 'jeu.'],
  ['Fri', 'ven.'],
  ['Sat', 'sam.'],
] as const;

/** A day of the calendar, like `2026-11-23`. */
export type Day = string;

function parts(day: Day): { year: number; month: number; day: number } {
  const [year = 0, month = 1, number = 1] = day.split('-').map(Number);
  return { year, month, day: number };
}

/** So many days later, or earlier. */
export function plusDays(day: Day, days: number): Day {
  const { year, month, day: number } = parts(day);
  return new Date(Date.UTC(year, month - 1, number + days)).toISOString().slice(0, 10);
}

const dayNumber = (day: Day, { lang }: Teller) => {
  const { day: number } = parts(day);
  return lang === 'fr' && number === 1 ? '1er' : number.toString();
};

function month(day: Day, { lang }: Teller, isShort: boolean): string {
  const [en, enShort, fr, frShort] = MONTHS[parts(day).month - 1] ?? MONTHS[0];
  return isShort ? pick(lang, enShort, frShort) : pick(lang, en, fr);
}

/** Nothing where it is the year that we have. */
export function otherYear(day: Day, teller: Teller): string {
  const { year } = parts(day);
  return year === local(teller.now, teller.zone)?.year ? '' : ` ${year}`;
}

/** `22 to 23 November`; the year where it is not this one. */
export function days(first: Day, last: Day, teller: Teller): string {
  const isOneMonth = parts(first).month === parts(last).month;
  const from = isOneMonth ? dayNumber(first, teller) : `${dayNumber(first, teller)} ${month(first, teller, false)}`;
  const to = `${dayNumber(last, teller)} ${month(last, teller, false)}`;
  return `${from} ${pick(teller.lang, 'to', 'au')} ${to}${otherYear(last, teller)}`;
}

/** `Night of 22 to 23 November`: a business day is named by its morning. */
export function night(day: Day, teller: Teller): string {
  return `${pick(teller.lang, 'Night of', 'Nuit du')} ${days(plusDays(day, -1), day, teller)}`;
}

/** `23 Nov` */
export function shortDay(day: Day, teller: Teller): string {
  return `${dayNumber(day, teller)} ${month(day, teller, true)}`;
}

/** `Mon 24 Nov` */
export function weekday(day: Day, teller: Teller): string {
  return `${weekdayName(day, teller)} ${shortDay(day, teller)}`;
}

/** `Mon` */
export function weekdayName(day: Day, { lang }: Teller): string {
  const { year, month: of, day: number } = parts(day);
  const [en, fr] = WEEKDAYS[new Date(Date.UTC(year, of - 1, number)).getUTCDay()] ?? WEEKDAYS[0];
  return pick(lang, en, fr);
}
