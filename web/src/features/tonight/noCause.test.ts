import { expect, it } from 'vitest';
import { noCause } from './noCause';

const none = { jobs: 9, ok: 9, recovered: 0, failed: 0, lost: 0, running: 0, unverified: 0, late: 2, not_seen: 1 };

it('nothing failed where every job came through', () => {
  expect(noCause(none)).toBe('noCause');
});

it.each(['failed', 'lost', 'recovered'])('no error was written where a job is %s', (verdict) => {
  expect(noCause({ ...none, ok: 8, [verdict]: 1 })).toBe('noError');
});
