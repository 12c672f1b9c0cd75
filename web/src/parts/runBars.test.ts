import { expect, it } from 'vitest';
import type { Run } from '../api/runs';
import { ceiling, lookOf } from './runBars';

const runs = (...took: (number | null)[]) => took.map((duration_ms) => ({ duration_ms, outcome: 'success' }) as Run);

it('one run that took ages does not flatten the others', () => {
  const many = Array.from({ length: 99 }, () => 1000);
  expect(ceiling(runs(...many, 3_600_000), null)).toBeLessThan(10_000);
  expect(ceiling(runs(60_000, 90_000), 120_000)).toBeCloseTo(126_000);
  expect(ceiling(runs(null), null)).toBeGreaterThan(0);
});

it('a success with errors is never plain green', () => {
  expect(lookOf({ outcome: 'success_with_errors' } as Run)).toBe('recovered');
});
