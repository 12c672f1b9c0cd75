import { createMemoryHistory } from '@tanstack/react-router';
import { expect, it } from 'vitest';
import { parseQuery, writeQuery } from './query';
import { newRouter } from './router';

it.each(['1e52', 'null', 'true', '00042', '12345678901234567890', '"quoted"', '{"a":1}', 'é & co = 100 %', '+', '#?/'])(
  'a search for %s stays one',
  (q) => {
    expect(parseQuery(writeQuery({ q }))).toEqual({ q });
  },
);

it('what is not said is not written, flags and numbers are words', () => {
  expect(writeQuery({ q: undefined, all: true, batch: 12, other: null })).toBe('?all=true&batch=12');
  expect(writeQuery({ q: undefined })).toBe('');
  expect(parseQuery('')).toEqual({});
});

/** Where the app is after it came to an address. */
async function at(address: string) {
  const router = newRouter({ history: createMemoryHistory({ initialEntries: [address] }) });
  await router.load();
  return { router, search: router.state.matches.at(-1)?.search, href: router.state.location.href };
}

it('an address is kept as somebody wrote it', async () => {
  expect((await at('/app/search?q=1e52')).search).toEqual({ q: '1e52' });
  expect((await at('/app/search?q=null&from=2026-11-23')).search).toMatchObject({ q: 'null', from: '2026-11-23' });
  expect((await at('/app/runs?job=12345678901234567890&all=true')).search).toMatchObject({
    job: '12345678901234567890',
    all: true,
  });
  expect((await at('/app/sources/1?batch=12')).search).toMatchObject({ batch: 12 });
  const { href, search } = await at('/app/issues?environment=REC&lang=fr&q=a+b%26c');
  expect(href).toBe('/issues?environment=REC&lang=fr&q=a+b%26c');
  expect(search).toMatchObject({ environment: 'REC' });
});

it('links keep the environment, and say filters as addresses do', async () => {
  const { router } = await at('/app/issues?environment=REC');
  expect(router.buildLocation({ to: '/runs', search: { job: '42', all: true } }).publicHref).toBe(
    '/app/runs?job=42&all=true&environment=REC',
  );
  await router.navigate({ to: '/search', search: { q: '1e52' } });
  expect(router.state.location.search).toMatchObject({ environment: 'REC', q: '1e52' });
  expect(router.state.location.searchStr).toContain('q=1e52');
});
