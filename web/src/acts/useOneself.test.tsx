import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { SESSION, STRANGER, type Session } from '../api/session';
import { tell, toasts, untellAll } from '../parts/toasts';
import { Speaking } from '../words/Speaking';
import { startWords } from '../words/i18n';
import { heldActs } from './held';
import { useOneself } from './useOneself';

const ann: Session = { name: 'ann', role: 'operator', way: 'session' };
const send = vi.fn(() => Promise.resolve());

beforeEach(() => {
  heldActs.drop();
  untellAll();
  send.mockClear();
});

async function session() {
  await startWords('en');
  const client = new QueryClient();
  client.setQueryData(SESSION, ann);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Speaking>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </Speaking>
  );
  renderHook(useOneself, { wrapper });
  return (to: Session) =>
    act(async () => {
      client.setQueryData(SESSION, to);
      // Listeners are told in a turn of their own.
      await new Promise((told) => setTimeout(told));
    });
}

it('what waits when a session ends is not sent for whoever comes next, and it is told', async () => {
  const is = await session();
  heldActs.hold('a', { kind: 'ack' }, send);
  tell({ text: 'a is acknowledged', undo: () => undefined });
  await is(STRANGER);
  await is({ ...ann, name: 'bob' });
  await heldActs.settle();
  expect(send).not.toHaveBeenCalled();
  expect(toasts.now().map(({ text, undo }) => [text, undo])).toEqual([
    ['What was done last is not stored: the session had ended. Do it again.', undefined],
  ]);
});

it('another name in another window is somebody else, another role of the same person is not', async () => {
  const is = await session();
  heldActs.hold('a', { kind: 'ack' }, send);
  await is({ ...ann, role: 'admin' });
  expect(heldActs.now()).toHaveLength(1);
  await is({ ...ann, name: 'bob' });
  expect(heldActs.now()).toEqual([]);
});
