import { expect, it } from 'vitest';
import type { CompareLine } from '../../api/compare';
import { rowsOf, stepLines } from './stepLines';

const line = (level: number, step: string | null, facts: Partial<CompareLine> = {}) =>
  ({ level, step, job: 'load', ...facts }) as CompareLine;
const numbers = (now: number | null, usual: number | null) => ({ this: now, last_good: null, usual });

it('only steps of the run itself are told, in their order', () => {
  const lines = [line(0, null), line(1, 'read'), line(1, null), line(2, 'of a child run'), line(1, 'write')];
  expect(stepLines({ lines }).map(({ step }) => step)).toEqual(['read', 'write']);
  expect(stepLines({ lines: [line(0, null), line(1, null)] })).toEqual([]);
});

it('rows are those that were written, else those that were read', () => {
  const nothing = numbers(null, null);
  expect(rowsOf({ rows_in: numbers(7, 8), rows_out: numbers(5, 6) }).this).toBe(5);
  expect(rowsOf({ rows_in: numbers(7, 8), rows_out: nothing }).this).toBe(7);
  // Usually it writes: that nothing is told of this run is what there is to see.
  expect(rowsOf({ rows_in: numbers(7, 8), rows_out: numbers(null, 6) }).usual).toBe(6);
  expect(rowsOf({ rows_in: nothing, rows_out: nothing }).this).toBeNull();
});
