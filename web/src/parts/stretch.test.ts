import { expect, it } from 'vitest';
import { place } from './stretch';
import { ticks } from './ticks';

const at = (text: string) => Date.parse(text);
const night = { from: at('2026-11-22T19:00:00Z'), until: at('2026-11-23T07:00:00Z') };

it('marks stand at round times of the local clock', () => {
  const told = ticks(night, 'Europe/Paris', 8).map((mark) => new Date(mark).toISOString());
  expect(told).toEqual(
    [19, 21, 23, 25, 27, 29, 31].map((hour) => new Date(Date.UTC(2026, 10, 22, hour)).toISOString()),
  );
});

it('also in a zone of half hours, and where the clock goes back', () => {
  expect(ticks(night, 'Asia/Kolkata', 4).map((mark) => new Date(mark).getUTCMinutes())).toEqual([30, 30, 30, 30]);
  const autumn = { from: at('2026-10-24T22:00:00Z'), until: at('2026-10-25T04:00:00Z') };
  expect(ticks(autumn, 'Europe/Paris', 10)).toHaveLength(7);
});

it('what lies outside stands at the border', () => {
  expect(place(at('2026-11-23T01:00:00Z'), night)).toBe(50);
  expect(place(at('2026-11-24T01:00:00Z'), night)).toBe(100);
});
