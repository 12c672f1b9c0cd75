/** In which vocabulary an entry's kind stands, and under which word: acts on issues are those of the issues' pages. */
export function auditWords(kind: string): ['act' | 'decision' | 'audit', string] {
  if (kind.startsWith('issue_')) return ['act', kind.slice('issue_'.length)];
  if (kind.startsWith('problem_')) return ['decision', kind.slice('problem_'.length)];
  return ['audit', kind];
}
