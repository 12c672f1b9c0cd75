import { expect, it } from 'vitest';
import { startWords } from '../words/i18n';
import { speechOf } from '../words/speech';
import { lostTime } from './lostTime';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

it('is told as durations are, and not at all where nothing was lost', async () => {
  await startWords('fr');
  const [english, french] = [speechOf('en'), speechOf('fr')];
  expect(lostTime(25 * MINUTE_MS, english)).toBe('25 min lost');
  expect(lostTime(25 * MINUTE_MS, french)).toBe('25 min perdues');
  expect(lostTime(2 * DAY_MS, french)).toBe('2 jours perdus');
  expect(lostTime(2 * DAY_MS, english)).toBe('2 days lost');
  expect(lostTime(0, french)).toBeNull();
});
