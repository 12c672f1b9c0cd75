import { expect, it } from 'vitest';
import type { CompareLine } from '../api/compare';
import { changesOf, filledKinds, firstStepChanged } from './compareLines';

const NOTHING = { this: null, last_good: null, usual: null };

const line = (step: string | null, changes: CompareLine['changes'] = [], facts: Partial<CompareLine> = {}) =>
  ({
    step,
    changes,
    duration_ms: NOTHING,
    rows_in: NOTHING,
    rows_out: NOTHING,
    version: NOTHING,
    ...facts,
  }) as CompareLine;

it('what changed is told once, what showed first before', () => {
  const changes = [
    { what: 'rows_out', at_ms: 90 },
    { what: 'duration', at_ms: 20 },
    { what: 'duration', at_ms: 95 },
  ] as const;
  expect(changesOf({ changes: [...changes] })).toEqual(['duration', 'rows_out']);
});

it('the first step in time that differs is named, unless it is what changed first', () => {
  const read = line('read', [
    { what: 'duration', at_ms: 900 },
    { what: 'rows_out', at_ms: 400 },
  ]);
  const write = line('write', [{ what: 'outcome', at_ms: 500 }]);
  const run = line(null, [{ what: 'outcome', at_ms: 300 }]);
  const lines = [run, write, read, line('close')];
  const first = { line: 0, change: { what: 'outcome', at_ms: 300 }, text: '' } as const;
  expect(firstStepChanged({ lines, first })).toBe(read);
  expect(firstStepChanged({ lines, first: { ...first, line: 2 } })).toBeUndefined();
  expect(firstStepChanged({ lines: [run, line('close')], first })).toBeUndefined();
});

it('there are columns only for what some line says', () => {
  const rows = line('read', [], { rows_in: { ...NOTHING, usual: 0 } });
  expect(filledKinds([line(null), rows])).toEqual(['rows_in']);
});
