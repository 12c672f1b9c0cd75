import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { heldActs } from '../../acts/held';
import { SESSION, type Session } from '../../api/session';
import { show } from '../../testing/show';
import { CauseAct } from './CauseAct';

const ann: Session = { name: 'ann', role: 'operator', way: 'session' };
const issue = { id: 'a1', issue: 'a1f4', assignee: null, is_of_before: false, runs: 1, since: null };

beforeEach(() => {
  heldActs.drop();
});

async function told(state: 'new' | 'ongoing' | 'resolved', assignee: string | null = null) {
  const client = new QueryClient();
  client.setQueryData(SESSION, ann);
  const { getByRole, unmount } = await show(
    <QueryClientProvider client={client}>
      <main>
        <CauseAct issue={{ ...issue, state, assignee }} />
      </main>
    </QueryClientProvider>,
    'fr',
  );
  return { text: () => getByRole('main').textContent, unmount };
}

it('who acknowledged stands where the button stood', async () => {
  const { text } = await told('new');
  expect(text()).toContain('Prendre en charge');
  act(() => {
    heldActs.hold('a1f4', { kind: 'ack' }, () => Promise.resolve());
  });
  expect(text()).toBe('persistantpris en charge par ann');
});

it('what is known or resolved says so, and to whom it is assigned', async () => {
  const { text, unmount } = await told('resolved');
  expect(text()).toBe('résolu');
  unmount();
  expect((await told('ongoing', 'bob')).text()).toBe('persistantattribué à bob');
});
