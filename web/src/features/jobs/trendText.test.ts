import { expect, it } from 'vitest';
import { isSlower, trendText } from './trendText';

it('slower and quicker is told in percent', () => {
  expect(trendText(1.2, 'en')).toBe('+20%');
  expect(trendText(1.2, 'fr')).toBe('+20\u202f%');
  expect(trendText(0.7, 'en')).toBe('−30%');
  expect(trendText(3.07, 'en')).toBe('+207%');
});

it('nothing is told of what is as usual, or not known', () => {
  expect([0.95, 1, 1.05, null].map((trend) => trendText(trend, 'fr'))).toEqual([null, null, null, null]);
  expect(trendText(1.06, 'en')).toBe('+6%');
});

it('only what is a fifth slower has a colour', () => {
  expect([0.5, 1.19, 1.2, null].map(isSlower)).toEqual([false, false, true, false]);
});
