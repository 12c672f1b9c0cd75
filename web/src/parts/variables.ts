import type { Variable } from '../api/issues';
import { number } from '../format/number';
import type { Lang } from '../format/lang';
import type { templateParts } from './templateParts';

type Parts = ReturnType<typeof templateParts>;

/** What stands in each variable part, by its place among the parts; nothing of a text that has other ones, or others in another order. */
export function variablesOf(parts: Parts, variables: Variable[]): Map<number, Variable> {
  const places = parts.flatMap(({ isVariable }, index) => (isVariable ? [index] : []));
  const isOf = places.length === variables.length && places.every((at, n) => parts[at]?.text === variables[n]?.mark);
  return new Map(isOf ? variables.map((variable, n) => [places[n] ?? 0, variable]) : []);
}

/** The most frequent values with their counts, one on a line: `db1 ×12`. */
export function valuesTold(variable: Variable | undefined, lang: Lang): string | undefined {
  if (variable === undefined) return undefined;
  const more = variable.different > variable.values.length ? ['…'] : [];
  const values = variable.values.map(({ value, messages }) => `${value} ×${number(messages, lang)}`);
  return [...values, ...more].join('\n');
}
