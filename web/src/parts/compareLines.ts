import type { Compared, CompareLine } from '../api/compare';

export const BESIDE = ['this', 'last_good', 'usual'] as const;

const KINDS = ['duration_ms', 'rows_in', 'rows_out', 'version'] as const;
export type Kind = (typeof KINDS)[number];

/** Of what the lines say something: tools that do not count rows need no columns for them. */
export function filledKinds(lines: CompareLine[]): Kind[] {
  return KINDS.filter((kind) => lines.some((line) => BESIDE.some((of) => line[kind][of] !== null)));
}

/** What is not as it was, each once, in the order in which it showed. */
export function changesOf({ changes }: Pick<CompareLine, 'changes'>) {
  return [...new Set(changes.toSorted((one, other) => one.at_ms - other.at_ms).map(({ what }) => what))];
}

/** The step that showed a change before all other steps; nothing where that is what changed first anyway. */
export function firstStepChanged({ first, lines }: Pick<Compared, 'first' | 'lines'>): CompareLine | undefined {
  const since = ({ changes }: CompareLine) => Math.min(...changes.map(({ at_ms }) => at_ms));
  const changed = lines.filter(({ step, changes }) => step !== null && changes.length > 0);
  const earliest = changed.toSorted((one, other) => since(one) - since(other))[0];
  return first !== null && earliest === lines[first.line] ? undefined : earliest;
}
