import { expect, it } from 'vitest';
import type { ErrorFacts } from '../../api/errors';
import { errorsSum } from './errorsSum';

const error = (job: string, run_key: string | null, category: ErrorFacts['category']) =>
  ({ system: 'talend', project: 'SALES', job, run_key, category }) as ErrorFacts;

it('counts runs and jobs once, and says what errors mostly are', () => {
  const errors = [
    error('load', 'a', 'lock'),
    error('load', 'a', 'lock'),
    error('load', 'b', 'timeout'),
    error('send', 'c', null),
    error('stray', null, null),
  ];
  expect(errorsSum(errors)).toEqual({ runs: 3, jobs: 2, most: { category: 'lock', count: 2 } });
});

it('says nothing of categories where there is only one', () => {
  expect(errorsSum([error('load', 'a', 'lock'), error('load', 'b', 'lock')])).toEqual({ runs: 2, jobs: 1 });
  expect(errorsSum([])).toEqual({ runs: 0, jobs: 0 });
});
