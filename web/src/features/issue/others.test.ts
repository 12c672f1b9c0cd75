import { expect, it } from 'vitest';
import type { Issue } from '../../api/issues';
import { others } from './others';

const of = (issue: string, problem: string, family: string, title: string) =>
  ({ issue, problem, family, title }) as Issue;
const mine = of('a1', 'p1', 'load', 'ORA-12541');
const all = [
  mine,
  of('b1', 'p2', 'export', 'ORA-12514'),
  of('c1', 'p3', 'load', 'file missing'),
  of('d1', 'p1', 'crm', 'ORA-12541'),
];

it('what means the same already cannot be merged, and the same family comes first', () => {
  expect(others(all, mine).map(({ issue }) => issue)).toEqual(['c1', 'b1']);
});
