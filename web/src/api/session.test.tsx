import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { heldActs } from '../acts/held';
import { Speaking } from '../words/Speaking';
import { startWords } from '../words/i18n';
import { client } from './client';
import { useLogout, useOwnPassword } from './session';

const said: string[] = [];

beforeEach(async () => {
  await startWords('en');
  said.length = 0;
  const answer = (what: string) => () => {
    said.push(what);
    return Promise.resolve({ data: undefined, response: new Response(null, { status: 204 }) });
  };
  vi.spyOn(client, 'DELETE').mockImplementation(answer('logout'));
  vi.spyOn(client, 'PUT').mockImplementation(answer('password') as never);
});

function hook<T>(use: () => T): T {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Speaking>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </Speaking>
  );
  return renderHook(use, { wrapper }).result.current;
}

/** It takes a while to be stored. */
const store = async () => {
  await new Promise((told) => setTimeout(told, 10));
  said.push('stored');
};

it('what was done is stored before whoever did it logs out', async () => {
  const logout = hook(useLogout);
  heldActs.hold('a', { kind: 'ack' }, store);
  await logout.mutateAsync();
  expect(said).toEqual(['stored', 'logout']);
});

it('and before their sessions end by a new password', async () => {
  const change = hook(useOwnPassword);
  heldActs.hold('a', { kind: 'ack' }, store);
  await change.mutateAsync({ password: 'old', new: 'new' });
  expect(said).toEqual(['stored', 'password']);
});
