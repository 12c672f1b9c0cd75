import { expect, it } from 'vitest';
import { exportAddress } from './exportAddress';

it('has no limit where the list knows none', () => {
  expect(exportAddress('/history', { days: 60, limit: undefined }, 'parquet', 'en')).toBe(
    '/history?days=60&lang=en&format=parquet',
  );
});

it('has the filters of the list, words with commas between them', () => {
  const filter = { job: '*été&co*', status: ['failed', 'lost'], day: undefined };
  const address = exportAddress('/api/v1/runs', filter, 'csv', 'fr');
  const query = new URLSearchParams(address.split('?')[1]);
  expect(Object.fromEntries(query)).toEqual({
    job: '*été&co*',
    status: 'failed,lost',
    limit: '500',
    lang: 'fr',
    format: 'csv',
  });
});
