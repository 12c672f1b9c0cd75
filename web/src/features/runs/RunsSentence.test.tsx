import { expect, it } from 'vitest';
import type { Run } from '../../api/runs';
import { TellerContext } from '../../app/tellerContext';
import type { Lang } from '../../format/lang';
import { show } from '../../testing/show';
import { RunsSentence } from './RunsSentence';

async function told(statuses: Run['status'][], lang: Lang, day?: string, hasMore = false) {
  const runs = statuses.map((status) => ({ status }) as Run);
  const { getByRole } = await show(
    <TellerContext value={{ lang, zone: 'UTC', now: 0 }}>
      <RunsSentence runs={runs} hasMore={hasMore} search={{ day }} />
    </TellerContext>,
    lang,
  );
  return getByRole('heading').textContent.trim();
}

it.each<[Run['status'][], string]>([
  [['success', 'failed', 'lost', 'lost'], '4 runs, 1 of them failed, 2 never ended.'],
  [['lost'], '1 run, 1 never ended.'],
  [['success'], '1 run.'],
])('runs that never ended are counted beside those that failed: %s', async (statuses, sentence) => {
  expect(await told(statuses, 'en')).toBe(sentence);
});

it('a night is set off by the colon of its language', async () => {
  expect(await told(['failed', 'lost'], 'fr', '2026-11-23')).toMatch(/\u00a0: 2 exécutions, 1 en échec, 1 sans fin\.$/);
});

it('where there are more than are shown, nothing is counted of those shown', async () => {
  expect(await told(['failed', 'success'], 'en', undefined, true)).toBe('At least 2 runs.');
});
