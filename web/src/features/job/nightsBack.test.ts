import { expect, it } from 'vitest';
import { wasBefore } from './nightsBack';

it('there is more where a job is older than what was asked for', () => {
  expect(wasBefore('2026-11-23', 14, '2026-11-09')).toBe(true);
  expect(wasBefore('2026-11-23', 14, '2026-11-10')).toBe(false);
  expect(wasBefore(undefined, 14, '2026-01-01')).toBe(false);
  expect(wasBefore('2026-11-23', 14, undefined)).toBe(false);
});
