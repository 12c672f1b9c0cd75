import { expect, it } from 'vitest';
import { freshness } from './freshness';

const now = Date.parse('2026-11-27T07:00:00Z');
const night = { after: null, as_of: '2026-11-27T06:59:00Z', no_logs_since: null, nights_without_jobs: null };
const without = { first_day: '2026-11-26', last_day: '2026-11-27', logs: false, nights: 2 };

it.each([
  ['fresh', night],
  ['silent', { ...night, no_logs_since: '2026-11-26T22:00:00Z' }],
  ['silent', { ...night, nights_without_jobs: without }],
  ['past', { ...night, after: '2026-11-28' }],
  ['past', { ...night, as_of: '2026-11-26T09:00:00Z' }],
])('%s', (told, of) => {
  expect(freshness(of, now)).toBe(told);
});
