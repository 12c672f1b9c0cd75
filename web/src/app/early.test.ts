import { createMemoryHistory } from '@tanstack/react-router';
import { expect, it, vi } from 'vitest';
import { client } from '../api/client';
import { startWords } from '../words/i18n';
import { newQueryClient } from './queryClient';
import { newRouter } from './router';

/** What is asked of the API when an address is opened and nothing is drawn, in its order: paths with what fills them. */
async function asked(address: string, answers: Record<string, unknown>) {
  await startWords('fr');
  const get = vi.spyOn(client, 'GET').mockImplementation(((path: string) => {
    const data = answers[path.replace('/api/v1/', '')];
    const response = new Response(null, { status: data === undefined ? 500 : 200 });
    return Promise.resolve({ data, error: data === undefined ? {} : undefined, response });
  }) as never);
  const history = createMemoryHistory({ initialEntries: [address] });
  await newRouter({ client: newQueryClient(), history }).load();
  await vi.waitFor(() => {
    expect(get.mock.calls.length).toBeGreaterThanOrEqual(Object.keys(answers).length);
  });
  const calls = get.mock.calls as unknown as [string, { params: unknown }][];
  return calls.map(([path, { params }]) => [path.replace('/api/v1/', ''), params]);
}

const NIGHT = 'nights/{day}';
const TIMELINE = 'nights/{day}/timeline';
const JOB = 'jobs/{environment}/{project}/{job}';

it('a night, then what it is drawn with', async () => {
  const day = '2026-11-26';
  const night = { environment: 'PROD', business_day: day };
  const about = { environment: 'PROD', day: null };
  expect(await asked('/app/', { about, [NIGHT]: night, [TIMELINE]: {}, heatmap: {} })).toEqual([
    ['about', { query: { lang: 'fr' } }],
    [NIGHT, { path: { day: 'latest' }, query: { environment: 'PROD', lang: 'fr' } }],
    [TIMELINE, { path: { day }, query: { environment: 'PROD' } }],
    ['heatmap', { query: { environment: 'PROD', days: 30, to: day } }],
  ]);
});

it('the night and the environment that the address names', async () => {
  const about = { environment: 'PROD', day: '2026-01-01' };
  const all = await asked('/app/?environment=REC&day=2026-11-20', { about, [NIGHT]: {} });
  expect(all[1]).toEqual([NIGHT, { path: { day: '2026-11-20' }, query: { environment: 'REC', lang: 'fr' } }]);
});

it('a job and its runs', async () => {
  const all = await asked('/app/jobs/PROD/-/load', { [JOB]: { jobs: [{}] }, runs: { items: [] } });
  const query = { environment: 'PROD', project: '-', job: 'load', all: true, limit: 120, lang: 'fr' };
  expect(all[1]).toEqual(['runs', { query }]);
});

it('issues of the environment that is shown first', async () => {
  const all = await asked('/app/issues?all=true', {
    about: { environment: 'PROD' },
    issues: { items: [], next: null },
  });
  expect(all[1]).toEqual(['issues', { query: { environment: 'PROD', all: true, lang: 'fr' } }]);
});
