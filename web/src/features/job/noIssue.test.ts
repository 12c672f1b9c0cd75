import { expect, it } from 'vitest';
import type { Run } from '../../api/runs';
import { noIssue } from './noIssue';

const run = (status: Run['status'], hasCause = false) => ({ status, cause: hasCause ? {} : null }) as Run;

it.each([
  ['noIssue', [run('success'), run('running')]],
  ['noIssueOfItself', [run('success'), run('failed', true)]],
  ['noIssueWritten', [run('failed'), run('lost')]],
])('%s', (told, runs) => {
  expect(noIssue(runs)).toBe(told);
});
