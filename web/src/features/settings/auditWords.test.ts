import { expect, it } from 'vitest';
import en from '../../words/en.json';
import { auditWords } from './auditWords';

it.each([
  ['issue_mute_until', 'act', 'mute_until'],
  ['problem_merge', 'decision', 'merge'],
  ['problem_undo', 'decision', 'undo'],
  ['user_add', 'audit', 'user_add'],
  ['login_failed', 'audit', 'login_failed'],
] as const)('%s', (kind, vocabulary, word) => {
  expect(auditWords(kind)).toEqual([vocabulary, word]);
  expect(word in en[vocabulary]).toBe(true);
});
