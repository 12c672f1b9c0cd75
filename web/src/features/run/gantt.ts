import type { TreeNode } from '../../api/run';

type Step = TreeNode['steps'][number];
type Failure = TreeNode['errors'][number];

/** A line of the chart: a run of the tree, or a step of one. Times are milliseconds from the begin of the run that was asked for. */
export type GanttLine =
  | { kind: 'run'; id: string; depth: number; node: TreeNode; errors: Failure[] }
  | { kind: 'step'; id: string; depth: number; step: Step; errors: Failure[] };

/** Runs and their steps in the order of the tree. Steps stand below runs that did not come out well, below the one that was asked
 * for, and below all where they are asked for. */
export function ganttLines(nodes: TreeNode[], withAllSteps: boolean): GanttLine[] {
  return nodes.flatMap((node, index): GanttLine[] => {
    const isShown = withAllSteps || index === 0 || node.run.outcome !== 'success';
    const steps = node.missing || !isShown ? [] : node.steps;
    const names = new Set(steps.map((step) => step.step));
    const ofStep = (step: Step, place: number) =>
      steps.findLastIndex((other) => other.step === step.step) === place
        ? node.errors.filter((error) => error.step === step.step)
        : [];
    const ownErrors = node.errors.filter((error) => error.step === null || !names.has(error.step));
    return [
      { kind: 'run', id: node.run.run_key, depth: node.level, node, errors: ownErrors },
      ...steps.map((step, place) => ({
        kind: 'step' as const,
        id: `${node.run.run_key}/${place}`,
        depth: node.level + 1,
        step,
        errors: ofStep(step, place),
      })),
    ];
  });
}

/** From the begin of the first thing to the end of the last, this time or the time before; at least a second. */
export function ganttStretch(nodes: TreeNode[]): { from: number; until: number } {
  const ends = nodes.flatMap(({ offset_ms, length_ms, last_good, steps }) => [
    (offset_ms ?? 0) + (length_ms ?? 0),
    last_good ? last_good.offset_ms + last_good.length_ms : 0,
    ...steps.map((step) => (step.offset_ms ?? 0) + (step.length_ms ?? 0)),
  ]);
  const begins = nodes.map(({ offset_ms }) => offset_ms ?? 0);
  const from = Math.min(0, ...begins);
  return { from, until: Math.max(from + 1000, ...ends) };
}
