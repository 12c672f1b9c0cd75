import { expect, it } from 'vitest';
import type { Job } from '../../api/jobs';
import type { Lang } from '../../format/lang';
import { show } from '../../testing/show';
import { JobsSentence } from './JobsSentence';

async function told(outcomes: Job['last_outcome'][], hasMore = false, lang: Lang = 'en') {
  const jobs = outcomes.map((last_outcome) => ({ last_outcome }) as Job);
  const { getByRole } = await show(<JobsSentence jobs={jobs} hasMore={hasMore} />, lang);
  return getByRole('heading').textContent.trim();
}

it.each<[Job['last_outcome'][], string]>([
  [['success', 'success_with_errors', null], '3 jobs.'],
  [['lost'], '1 job. Its last run never ended.'],
  [['failed', 'failed', 'lost'], '3 jobs. The last run of 2 of them failed. The last run of 1 of them never ended.'],
])('says what its numbers are of: %s', async (outcomes, sentence) => {
  expect(await told(outcomes)).toBe(sentence);
});

it('counts nothing of a part of the jobs', async () => {
  expect(await told(['failed', 'lost'], true)).toBe('At least 2 jobs.');
});

it('is said in French', async () => {
  expect(await told(['lost', 'failed', 'failed'], false, 'fr')).toBe(
    '3 jobs. La dernière exécution de 2 d’entre eux est en échec. La dernière exécution de l’un d’entre eux est sans fin.',
  );
});
