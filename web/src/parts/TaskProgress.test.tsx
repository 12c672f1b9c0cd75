import { expect, it } from 'vitest';
import type { Task } from '../api/uploads';
import { show } from '../testing/show';
import { TaskTold } from './TaskProgress';

const loaded = { rows_log: 88, rows_error: 2, runs: 42, rejects: [], nothing_new: false } as Partial<Task['loaded']>;
const unloaded = null;

it.each<[Task['kind'], string]>([
  ['reload', '90 lignes relues · 42 exécutions produites'],
  ['load', '90 lignes enregistrées · 42 exécutions produites'],
])('what came of it is told in its own words: %s', async (kind, told) => {
  const task = { kind, state: 'done', failed: null, total_bytes: null, source: 3, loaded, unloaded } as Task;
  const { getByText } = await show(<TaskTold task={task} isHere />, 'fr');
  expect(getByText(told)).toBeTruthy();
});
