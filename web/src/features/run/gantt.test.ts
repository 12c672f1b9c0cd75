import { describe, expect, it } from 'vitest';
import type { TreeNode } from '../../api/run';
import { ganttLines, ganttStretch } from './gantt';

function node(key: string, level: number, outcome: string, steps: string[], errors: (string | null)[] = []): TreeNode {
  const part = {
    level,
    missing: false,
    run: { run_key: key, outcome },
    offset_ms: level * 1000,
    length_ms: 5000,
    last_good: null,
    steps: steps.map((step) => ({ step, offset_ms: 0, length_ms: 100 })),
    errors: errors.map((step) => ({ step, message: `in ${step ?? 'the run'}` })),
  };
  return part as unknown as TreeNode;
}

const told = (nodes: TreeNode[], all = false) =>
  ganttLines(nodes, all).map((line) => {
    const name = line.kind === 'run' ? line.node.run.run_key : line.step.step;
    return `${'  '.repeat(line.depth)}${name}${line.errors.length > 0 ? ' ✕' : ''}`;
  });

describe('lines', () => {
  it('have the steps of the run that was asked for and of those that failed', () => {
    const nodes = [
      node('night', 0, 'failed', ['start']),
      node('good', 1, 'success', ['a']),
      node('bad', 1, 'failed', ['b']),
    ];
    expect(told(nodes)).toEqual(['night', '  start', '  good', '  bad', '    b']);
    expect(told(nodes, true)).toEqual(['night', '  start', '  good', '    a', '  bad', '    b']);
  });
  it('have an error at its step, once, and at the run where no step is known', () => {
    const nodes = [node('night', 0, 'failed', ['read', 'read', 'write'], ['read', null, 'elsewhere'])];
    expect(told(nodes)).toEqual(['night ✕', '  read', '  read ✕', '  write']);
    expect(ganttLines(nodes, false)[0]?.errors).toHaveLength(2);
  });
});

it('the stretch holds this run and the last good one', () => {
  const long = { ...node('night', 0, 'failed', []), last_good: { offset_ms: 100, length_ms: 9000 } } as TreeNode;
  expect(ganttStretch([long])).toEqual({ from: 0, until: 9100 });
  const early = { ...node('child', 1, 'success', []), offset_ms: -500, length_ms: 0 };
  expect(ganttStretch([early])).toEqual({ from: -500, until: 500 });
});
