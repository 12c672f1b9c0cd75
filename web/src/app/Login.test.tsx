import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { client } from '../api/client';
import { SESSION, STRANGER, type Session } from '../api/session';
import { show } from '../testing/show';
import { Login } from './Login';

const ann: Session = { name: 'ann', role: 'operator', way: 'session' };
const TLS = /needs https/;

beforeEach(() => {
  vi.stubGlobal('isSecureContext', true);
});

/** The password is right; afterwards the browser is known as this. */
async function loggedIn(kept: Session) {
  const answer = (data: Session) => () => Promise.resolve({ data, response: new Response() });
  vi.spyOn(client, 'POST').mockImplementation(answer(ann) as never);
  vi.spyOn(client, 'GET').mockImplementation(answer(kept) as never);
  const queries = new QueryClient();
  await show(
    <QueryClientProvider client={queries}>
      <Login />
    </QueryClientProvider>,
  );
  await userEvent.type(screen.getByLabelText('Name'), 'ann');
  await userEvent.type(screen.getByLabelText('Password'), 'long enough');
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }));
  return queries;
}

it('a login that the browser does not keep says that it needs https, and what was typed stays', async () => {
  const queries = await loggedIn(STRANGER);
  expect((await screen.findByRole('alert')).textContent).toMatch(TLS);
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('ann');
  expect(queries.getQueryData(SESSION)).toBeUndefined();
});

it('one that is kept says nothing', async () => {
  const queries = await loggedIn(ann);
  await vi.waitFor(() => {
    expect(queries.getQueryData(SESSION)).toEqual(ann);
  });
  expect(screen.queryByRole('alert')).toBeNull();
});

it('over plain http it is said before', async () => {
  vi.stubGlobal('isSecureContext', false);
  await show(
    <QueryClientProvider client={new QueryClient()}>
      <Login />
    </QueryClientProvider>,
  );
  expect(screen.getByRole('alert').textContent).toMatch(TLS);
});
