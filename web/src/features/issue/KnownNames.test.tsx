import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { client } from '../../api/client';
import { SESSION, type Session } from '../../api/session';
import { show } from '../../testing/show';
import { KnownNames } from './KnownNames';

async function shown(role: Session['role']) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(SESSION, { name: 'ann', role, way: 'session' });
  return show(
    <QueryClientProvider client={queries}>
      <KnownNames id="names" />
    </QueryClientProvider>,
  );
}

it('who may know the accounts is offered their names, and nobody else asks for them', async () => {
  const asked = vi.spyOn(client, 'GET').mockResolvedValue({
    data: { items: [{ name: 'ann' }, { name: 'bob' }] },
    response: new Response(),
  } as never);
  const { container } = await shown('operator');
  expect(container.querySelector('datalist')?.childElementCount).toBe(0);
  expect(asked).not.toHaveBeenCalled();
  const admin = await shown('admin');
  await waitFor(() => {
    expect([...admin.container.querySelectorAll('option')].map(({ value }) => value)).toEqual(['ann', 'bob']);
  });
});
