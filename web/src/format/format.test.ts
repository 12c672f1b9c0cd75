import { describe, expect, it } from 'vitest';
import { days, night, weekday } from './day';
import { duration, optionDuration, span } from './duration';
import { langOfTag, type Lang } from './lang';
import { ago, dayAndTime, exact, inNight, isOfOtherDay, moment, momentAndAge, seconds } from './moment';
import { number, optionNumber, percent, size } from './number';
import type { Teller } from './teller';

const teller = (lang: Lang): Teller => ({ lang, zone: 'Europe/Paris', now: Date.parse('2026-11-23T07:00:00Z') });
const [en, fr] = [teller('en'), teller('fr')];

// The same examples as the program has: page, mail and terminal must read alike.
describe('business days', () => {
  it('are named by their morning', () => {
    expect(night('2026-11-23', en)).toBe('Night of 22 to 23 November');
    expect(night('2026-11-23', fr)).toBe('Nuit du 22 au 23 novembre');
    expect(night('2026-09-01', fr)).toBe('Nuit du 31 août au 1er septembre');
    expect(night('2025-01-01', en)).toBe('Night of 31 December to 1 January 2025');
    expect(days('2025-11-24', '2025-11-30', en)).toBe('24 to 30 November 2025');
    expect(weekday('2026-09-01', fr)).toBe('mar. 1er sept.');
  });
});

describe('moments', () => {
  it('have the day where it is not today, and their age', () => {
    expect(momentAndAge('2026-11-23T01:14:00Z', en)).toBe('02:14 (5 h ago)');
    expect(momentAndAge('2026-11-20T01:14:00Z', fr)).toBe('20 nov. 02:14 (il y a 3 jours)');
    expect(momentAndAge('2027-01-20T01:14:00Z', en)).toBe('20 Jan 2027 02:14');
    expect(moment('2026-10-01T01:14:00Z', fr)).toBe('1er oct. 03:14');
  });
  it('of a night have the day where it is neither evening nor morning', () => {
    expect(inNight('2026-11-22T21:00:00Z', '2026-11-23', en)).toBe('22:00');
    expect(inNight('2026-11-20T01:14:00Z', '2026-11-23', en)).toBe('20 Nov 02:14');
    expect(inNight('never', '2026-11-23', fr)).toBe('inconnu');
  });
  it('of many days have their own day, not that of their night', () => {
    expect(dayAndTime('2026-11-22T21:36:00Z', fr)).toBe('22 nov. 22:36');
    expect(dayAndTime('2026-11-23T01:14:00Z', en)).toBe('23 Nov 02:14');
    expect(isOfOtherDay('2026-11-22T21:36:00Z', '2026-11-23', fr)).toBe(true);
    expect(isOfOtherDay('2026-11-22T23:30:00Z', '2026-11-23', fr)).toBe(false);
    expect(isOfOtherDay(null, '2026-11-23', fr)).toBe(true);
  });
  it('follow the clock where it goes back', () => {
    expect(exact('2026-10-25T00:30:00Z', fr)).toBe('2026-10-25 02:30:00');
    expect(exact('2026-10-25T01:30:00Z', fr)).toBe('2026-10-25 02:30:00');
    expect(seconds('2026-07-01T22:00:05Z', fr)).toBe('00:00:05');
  });
  it('that just passed', () => {
    expect(ago('2026-11-23T06:59:30Z', fr)).toBe('à l’instant');
    expect(ago('2026-11-23T06:20:00Z', en)).toBe('40 min ago');
    expect(ago('2026-11-23T07:02:00Z', en)).toBeUndefined();
  });
});

describe('durations', () => {
  it.each([
    [0, '0.0 s', '0,0 s'],
    [2_170, '2.1 s', '2,1 s'],
    [-55_830, '−55 s', '−55 s'],
    [252_000, '4 min 12 s', '4 min 12 s'],
    [3_725_000, '1 h 02 min', '1 h 02 min'],
    [273_600_000, '3 d 04 h', '3 j 04 h'],
  ])('%i ms', (milliseconds, english, french) => {
    expect(duration(milliseconds, 'en')).toBe(english);
    expect(duration(milliseconds, 'fr')).toBe(french);
  });
  it('that are not known are a stroke', () => {
    expect(optionDuration(null, 'en')).toBe('–');
    expect(optionDuration(0, 'en')).toBe('0.0 s');
  });
  it.each([
    [48, '48 s'],
    [-1_080, '18 min'],
    [3_600, '1 h'],
    [7_500, '2 h 5 min'],
    [3 * 86_400 + 5, '3 days'],
  ])('as spans: %i s', (passed, told) => {
    expect(span(passed * 1000, 'en')).toBe(told);
  });
});

describe('numbers', () => {
  it('are grouped as the language does', () => {
    expect(number(1_234_567, 'fr')).toBe('1\u202f234\u202f567');
    expect(number(-1_000, 'en')).toBe('−1,000');
    expect(optionNumber(undefined, 'en')).toBe('–');
  });
  it('as shares: all is 100%, and only all', () => {
    expect(percent(0.972, 'en')).toBe('97.2%');
    expect(percent(0.972, 'fr')).toBe('97,2\u202f%');
    expect(percent(0.99999, 'en')).toBe('99.9%');
    expect(percent(1, 'fr')).toBe('100\u202f%');
  });
  it('as sizes', () => {
    expect(size(999, 'en')).toBe('999 B');
    expect(size(3_440_000, 'fr')).toBe('3,4 Mo');
  });
});

it('languages are recognised by their tag', () => {
  expect(langOfTag('fr-CA')).toBe('fr');
  expect(langOfTag('en_GB.UTF-8')).toBe('en');
  expect(langOfTag('de')).toBeUndefined();
});
