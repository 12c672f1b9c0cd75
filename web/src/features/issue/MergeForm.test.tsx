import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { client } from '../../api/client';
import type { Issue } from '../../api/issues';
import { show } from '../../testing/show';
import { MergeForm } from './MergeForm';

const of = (issue: string, family: string) => ({ issue, id: issue, problem: issue, family, title: null }) as Issue;

it('what is typed is looked for among all issues, once the keys rest', async () => {
  const asked: unknown[] = [];
  vi.spyOn(client, 'GET').mockImplementation(((_: string, { params }: { params: { query: { q?: string } } }) => {
    asked.push(params.query);
    const items = params.query.q === undefined ? [of('b1', 'export')] : [of('z9', 'crm')];
    return Promise.resolve({ data: { items, next: null }, response: new Response() });
  }) as never);
  const say = vi.fn();
  await show(
    <QueryClientProvider client={new QueryClient()}>
      <MergeForm issue={{ ...of('a1', 'load'), environment: 'PROD' }} say={say} />
    </QueryClientProvider>,
  );
  await screen.findByText('export');
  await userEvent.click(screen.getByLabelText('Job family, text or id'));
  await userEvent.paste(' CRM ');
  await userEvent.click(await screen.findByText('crm'));
  expect(say).toHaveBeenCalledWith({ other: 'z9' });
  const all = { environment: 'PROD', all: true, limit: 20, lang: 'en' };
  expect(asked).toEqual([all, { ...all, q: 'CRM' }]);
});
