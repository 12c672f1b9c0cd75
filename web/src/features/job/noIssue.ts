import type { Run } from '../../api/runs';

const FAILED: Run['status'][] = ['failed', 'lost'];

/** What is said where its family has no issue: nothing failed, or what made its runs fail lies in jobs that it starts, or was not written. */
export function noIssue(runs: Run[]): 'noIssue' | 'noIssueOfItself' | 'noIssueWritten' {
  const failed = runs.filter(({ status }) => FAILED.includes(status));
  if (failed.length === 0) return 'noIssue';
  return failed.some(({ cause }) => cause !== null) ? 'noIssueOfItself' : 'noIssueWritten';
}
