import { expect, it } from 'vitest';
import { runsOfJob } from './job';

const name = { environment: 'PROD', project: 'sales', job: 'load' };

it('runs of a job are those of its project, and of its system where others run one of its name', () => {
  expect(runsOfJob(name, undefined)).toEqual(name);
  expect(runsOfJob(name, 'talend')).toEqual({ ...name, system: 'talend' });
});
