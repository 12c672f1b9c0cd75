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
const ids = (text: string) => others(all, mine, text).map(({ issue }) => issue);

it('what means the same already cannot be merged, and the same family comes first', () => {
  expect(ids('')).toEqual(['c1', 'b1']);
});

it('are found by text and by the beginning of the id', () => {
  expect(ids('ora')).toEqual(['b1']);
  expect(ids('C1')).toEqual(['c1']);
  expect(ids('nothing')).toEqual([]);
});
