import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import { SESSION, type Session } from '../../api/session';
import type { Cause, Night } from '../../api/night';
import { TellerContext } from '../../app/tellerContext';
import { show } from '../../testing/show';
import { CauseRow } from './CauseRow';

vi.mock('@tanstack/react-router', () => ({ Link: 'a' }));

const ann: Session = { name: 'ann', role: 'operator', way: 'session' };
const cause = {
  category: 'connection',
  message: 'ORA-12541',
  blame: 'platform',
  retryable: true,
  jobs: 2,
  open: 1,
  lost_ms: 0,
  first_at: '2026-11-27T01:00:00Z',
  places: [
    {
      job: 'load_stock',
      step: null,
      roots: [],
      roots_more: 0,
      blocked: [],
      issue: { id: 'a1', issue: 'a1f4', state: 'new', assignee: null },
    },
  ],
} as unknown as Cause;

it.each([true, false])('what can be done about a cause is there once, on a phone or not: %s', async (isNarrow) => {
  const client = new QueryClient();
  client.setQueryData(SESSION, ann);
  const { getAllByText } = await show(
    <QueryClientProvider client={client}>
      <TellerContext value={{ lang: 'en', zone: 'UTC', now: Date.parse('2026-11-27T07:00:00Z') }}>
        <table>
          <tbody>
            <CauseRow cause={cause} night={{ business_day: '2026-11-27' } as Night} isNarrow={isNarrow} />
          </tbody>
        </table>
      </TellerContext>
    </QueryClientProvider>,
  );
  expect(getAllByText('Acknowledge')).toHaveLength(1);
});
