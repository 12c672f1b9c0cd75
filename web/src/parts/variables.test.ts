import { expect, it } from 'vitest';
import type { Variable } from '../api/issues';
import { templateParts } from './templateParts';
import { valuesTold, variablesOf } from './variables';

const variable = (mark: string, ...values: string[]): Variable => ({
  mark,
  values: values.map((value, index) => ({ value, messages: 9 - index })),
  different: values.length,
});
const [host, tries] = [variable('<*>', 'db1', 'db2'), variable('<number>', '3')];
const placed = (text: string, variables: Variable[]) => {
  const parts = templateParts(text);
  return [...variablesOf(parts, variables)].map(([at, of]) => [parts[at]?.text, of.values[0]?.value]);
};

it('values belong to the variable parts in their order', () => {
  expect(placed('Connection to <*> refused after <number> tries', [host, tries])).toEqual([
    ['<*>', 'db1'],
    ['<number>', '3'],
  ]);
  expect(placed('<*> and <*>', [host, variable('<*>', 'other')])).toEqual([
    ['<*>', 'db1'],
    ['<*>', 'other'],
  ]);
});

it('nothing is told where the parts are not those of the values', () => {
  expect(placed('<number> tries to <*>', [host, tries])).toEqual([]);
  expect(placed('Connection to <*> refused', [host, tries])).toEqual([]);
  expect(placed('Connection refused', [host])).toEqual([]);
  expect(placed('Connection to <*> refused', [])).toEqual([]);
});

it('values are told with their counts, and that there are more', () => {
  expect(valuesTold(host, 'en')).toBe('db1 ×9\ndb2 ×8');
  expect(valuesTold({ ...host, different: 40 }, 'en')).toBe('db1 ×9\ndb2 ×8\n…');
  expect(valuesTold(undefined, 'en')).toBeUndefined();
});
