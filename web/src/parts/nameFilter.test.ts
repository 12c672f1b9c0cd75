import { expect, it } from 'vitest';
import { asked, shown } from './nameFilter';

it.each([
  ['stocks', '*stocks*', 'stocks'],
  ['*stocks', '*stocks', '*stocks'],
  ['load_*_stocks', 'load_*_stocks', 'load_*_stocks'],
  ['*', '*', '*'],
  ['**', '**', '**'],
])('%s is looked for as %s and shown as %s', (typed, pattern, told) => {
  expect(asked(typed)).toBe(pattern);
  expect(shown(pattern)).toBe(told);
});

it('a whole name out of a link is shown as it is', () => {
  expect(shown('load_stocks')).toBe('load_stocks');
});
