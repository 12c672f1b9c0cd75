import { expect, it } from 'vitest';
import type { Job } from '../../api/jobs';
import { chosenJobs } from './chosenJobs';

const job = (name: string, facts: Partial<Job> = {}) =>
  ({
    job: name,
    family: name,
    owner: null,
    project: null,
    first_try_rate: null,
    duration_trend: null,
    usual_rows: null,
    runs_since_success: 0,
    ...facts,
  }) as Job;
const names = (jobs: Job[]) => jobs.map((of) => of.job);

const jobs = [
  job('Load_Stock', { first_try_rate: 0.9, owner: 'Finance', usual_rows: 12, duration_trend: 0.8 }),
  job('load_crm', { first_try_rate: 0.4, usual_rows: 4000, duration_trend: 1.4 }),
  job('export', { runs_since_success: 3 }),
];

it('are found by name and owner, whatever the case', () => {
  expect(names(chosenJobs(jobs, { q: 'LOAD' }))).toEqual(['Load_Stock', 'load_crm']);
  expect(names(chosenJobs(jobs, { q: 'finance' }))).toEqual(['Load_Stock']);
});

it('are found without accents, and with them', () => {
  const french = [job('a', { owner: 'Équipe Données' }), job('Chargement_été')];
  expect(names(chosenJobs(french, { q: 'equipe' }))).toEqual(['a']);
  expect(names(chosenJobs(french, { q: 'DONNÉES' }))).toEqual(['a']);
  expect(names(chosenJobs(french, { q: 'ete' }))).toEqual(['Chargement_été']);
});

it('have the worst first, and what is not known last', () => {
  expect(names(chosenJobs(jobs, { sort: 'firstTry' }))).toEqual(['load_crm', 'Load_Stock', 'export']);
  expect(names(chosenJobs(jobs, { sort: 'since' }))[0]).toBe('export');
  expect(names(chosenJobs(jobs, { sort: 'rows' }))).toEqual(['load_crm', 'Load_Stock', 'export']);
  expect(names(chosenJobs(jobs, { sort: 'trend' }))).toEqual(['load_crm', 'Load_Stock', 'export']);
  expect(names(chosenJobs(jobs, {}))).toEqual(names(jobs));
});
