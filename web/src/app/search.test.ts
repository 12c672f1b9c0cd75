import { expect, it } from 'vitest';
import { runsSearch, tonightSearch } from './search';

it('what an address says wrongly counts as not said', () => {
  expect(tonightSearch({ day: '2026-11-23' })).toEqual({ day: '2026-11-23' });
  expect(tonightSearch({ day: 'yesterday' })).toEqual({ day: undefined });
  expect(runsSearch({ status: '', category: 'lock' })).toMatchObject({ status: undefined, category: 'lock' });
});

it('a job that is called like a number or a word of ours stays a name', () => {
  expect(runsSearch({ job: 42, all: true })).toMatchObject({ job: '42', all: true });
  expect(runsSearch({ job: true, all: 'no' })).toMatchObject({ job: 'true', all: undefined });
});
