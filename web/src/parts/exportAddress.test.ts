import { expect, it } from 'vitest';
import { exportAddress } from './exportAddress';

it('has no limit, so that the file has as many as there may be', () => {
  expect(exportAddress('/history', { days: 60 }, 'parquet', 'en')).toBe('/history?days=60&lang=en&format=parquet');
});

it('has the filters of the list, words with commas between them', () => {
  const filter = { job: '*été&co*', status: ['failed', 'lost'], day: undefined };
  const address = exportAddress('/api/v1/runs', filter, 'csv', 'fr');
  const query = new URLSearchParams(address.split('?')[1]);
  expect(Object.fromEntries(query)).toEqual({
    job: '*été&co*',
    status: 'failed,lost',
    lang: 'fr',
    format: 'csv',
  });
});
