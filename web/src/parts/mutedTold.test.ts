import { expect, it } from 'vitest';
import type { Issue } from '../api/issues';
import type { Lang } from '../format/lang';
import { startWords } from '../words/i18n';
import { speechOf } from '../words/speech';
import { mutedTold } from './mutedTold';

async function told(facts: Partial<Issue>, lang: Lang = 'fr') {
  await startWords(lang);
  const issue = { muted: null, muted_by: 'ann', muted_until: null, muted_left: null, ...facts } as Issue;
  return mutedTold(issue, { lang, zone: 'Europe/Paris', now: Date.parse('2026-11-27T07:00:00Z') }, speechOf(lang).t);
}

it('a mute says until when it lasts and whose it is', async () => {
  expect(await told({})).toBeNull();
  const until = { muted: 'until', muted_until: '2026-12-03T23:00:00Z' } as const;
  expect(await told(until)).toBe('en sourdine jusqu’au 4 déc. 00:00, par ann');
  expect(await told({ ...until, muted_until: '2026-12-04', muted_by: null }, 'en')).toBe('muted until 4 Dec 00:00');
  expect(await told({ muted: 'occurrences', muted_left: 3 })).toBe('en sourdine pour encore 3 occurrences, par ann');
  expect(await told({ muted: 'next_version' }, 'en')).toBe('muted until the next version of its job, by ann');
});
