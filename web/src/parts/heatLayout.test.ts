import { expect, it } from 'vitest';
import type { Heatmap } from '../api/night';
import { GAP, heatLayout } from './heatLayout';

const map = (jobs: number, days: number, name = 'load_something') =>
  ({
    jobs: Array.from({ length: jobs }, () => ({ job: name })),
    days: Array.from({ length: days }, () => '2026-11-27'),
  }) as Heatmap;

it('few nights stand beside their names, in wider cells', () => {
  const { columns, names, cell } = heatLayout(map(3, 4), 1240);
  expect(columns).toBe(1);
  expect(names).toBeLessThan(130);
  expect(cell).toBe(24);
  expect(heatLayout(map(3, 4), 358).names).toBeLessThan(130);
});

it.each([
  [200, 30, 1240],
  [12, 30, 1240],
  [12, 5, 1240],
  [40, 30, 358],
  [2, 1, 358],
])('%i jobs × %i nights fit %i px, long names too', (jobs, days, room) => {
  const { columns, names, cell } = heatLayout(map(jobs, days, 'load_'.repeat(20)), room);
  expect(columns * (names + cell * days + GAP) - GAP).toBeLessThanOrEqual(room);
  expect(names).toBeGreaterThanOrEqual(116);
});

it('two hundred jobs stand in several columns of small cells', () => {
  const { columns, cell, rowHeight } = heatLayout(map(200, 30, 'load_'.repeat(10)), 1240);
  expect([columns, cell, rowHeight]).toEqual([3, 7, 12]);
});
