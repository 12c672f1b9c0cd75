import { expect, it } from 'vitest';
import { exportAddress } from '../parts/exportAddress';
import { issuesFilter } from './issues';

it('mine are those of whoever looks, nobody’s those of no name', () => {
  expect(issuesFilter('PROD', { assignee: 'me' }, 'ann')).toEqual({ environment: 'PROD', assignee: 'ann' });
  expect(issuesFilter('PROD', { assignee: 'nobody' }, 'ann')).toEqual({ environment: 'PROD', assignee: '' });
  expect(issuesFilter('PROD', { assignee: 'me' }, null)).toEqual({ environment: 'PROD' });
  expect(issuesFilter('PROD', { muted: true }, 'ann')).toEqual({ environment: 'PROD', muted: true });
});

it('no name is said in files, too', () => {
  const filter = issuesFilter('PROD', { assignee: 'nobody' }, 'ann');
  expect(exportAddress('/api/v1/issues', filter, 'csv', 'en')).toContain('&assignee=&');
});
