import { expect, it } from 'vitest';
import { noCause } from './noCause';

const none = {
  jobs: 9,
  ok: 9,
  recovered: 0,
  failed: 0,
  lost: 0,
  running: 0,
  unverified: 0,
  cancelled: 0,
  late: 2,
  not_seen: 1,
};
const night = { counts: none, no_logs_since: null, nights_without_jobs: null };

it('nothing failed where every job came through', () => {
  expect(noCause(night)).toBe('noCause');
});

it.each(['failed', 'lost', 'recovered'])('no error was written where a job is %s', (verdict) => {
  expect(noCause({ ...night, counts: { ...none, ok: 8, [verdict]: 1 } })).toBe('noError');
});

it('nothing failed as far as logs came where no more of them arrive, or a run cannot be verified', () => {
  expect(noCause({ ...night, no_logs_since: '2026-11-26T22:00:00Z' })).toBe('noCauseSoFar');
  expect(noCause({ ...night, counts: { ...none, unverified: 1 } })).toBe('noCauseSoFar');
});
