import { expect, it, vi } from 'vitest';
import type { Run } from '../api/runs';
import { TellerContext } from '../app/tellerContext';
import { show } from '../testing/show';
import { RunsTable } from './RunsTable';

vi.mock('@tanstack/react-router', () => ({ Link: 'a' }));

async function told(started_at: string) {
  const run: Partial<Run> = {
    run_key: 'a',
    job: 'nightly',
    is_root: true,
    trigger: 'unknown',
    outcome: 'success',
    started_at,
  };
  const { getAllByRole } = await show(
    <TellerContext value={{ lang: 'en', zone: 'Europe/Paris', now: Date.parse('2026-11-27T07:00:00Z') }}>
      <RunsTable
        runs={[{ ...run, attempt: 1, business_day: '2026-11-27', cause: null, duration_ms: null } as Run]}
        hasDays
      />
    </TellerContext>,
  );
  return getAllByRole('cell')
    .map((cell) => cell.textContent.trim())
    .slice(1, 4);
}

it.each([
  ['2026-11-26T21:36:00Z', 'nightly', '26 Nov 22:36', '27 Nov'],
  ['2026-11-27T01:36:00Z', 'nightly', '27 Nov 02:36', '27 Nov'],
])('a run stands under the date on which it began, with its business day beside it: %s', async (at, ...cells) => {
  expect(await told(at)).toEqual(cells);
});
