import { expect, it } from 'vitest';
import { errorsSearch, issuesSearch, jobsSearch, runsSearch, tonightSearch } from './search';

it('what an address says wrongly counts as not said', () => {
  expect(tonightSearch({ day: '2026-11-23' })).toEqual({ day: '2026-11-23' });
  expect(tonightSearch({ day: 'yesterday' })).toEqual({ day: undefined });
  expect(jobsSearch({ sort: 'owner', q: '' })).toEqual({ sort: undefined, q: undefined });
});

it('a period of errors is of business days, and half of one is one', () => {
  const search = errorsSearch({ issue: '3f2a', from: '2026-11-23', to: 'now' });
  expect(search).toMatchObject({ issue: '3f2a', from: '2026-11-23', to: undefined });
});

it('a job that is called like a number or a word of ours stays a name', () => {
  expect(runsSearch({ job: 42, all: true })).toMatchObject({ job: '42', all: true });
  expect(runsSearch({ job: true, all: 'no' })).toMatchObject({ job: 'true', all: undefined });
});

it('issues are mine or nobody’s, and not of a name that somebody made up', () => {
  expect(issuesSearch({ assignee: 'me', muted: 'true' })).toMatchObject({ assignee: 'me', muted: true });
  expect(issuesSearch({ assignee: 'nobody', muted: 'no' })).toMatchObject({ assignee: 'nobody', muted: undefined });
  expect(issuesSearch({ assignee: 'bob' }).assignee).toBeUndefined();
});

it('jobs of one name are told apart by their project and system, in lists of runs and errors', () => {
  const said = { job: 'load', project: 'sales', system: 'talend' };
  expect(runsSearch(said)).toMatchObject(said);
  expect(errorsSearch({ ...said, project: '' })).toMatchObject({ ...said, project: undefined });
});
