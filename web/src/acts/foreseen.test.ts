import { expect, it } from 'vitest';
import type { Issue } from '../api/issues';
import { foreseen } from './foreseen';

const issue = { state: 'new', acknowledged_by: null, muted: null, assignee: null } as Issue;
const at = '2026-11-23T07:00:00Z';

it('whoever acknowledges a new one knows it: it goes on', () => {
  const known = foreseen(issue, { kind: 'ack' }, 'ann', at);
  expect(known).toMatchObject({ state: 'ongoing', acknowledged_by: 'ann', acknowledged_at: at });
  expect(foreseen(known, { kind: 'ack' }, 'bob', at)).toMatchObject({ acknowledged_by: 'ann' });
});

it('being resolved ends a mute, and what is resolved cannot be acknowledged', () => {
  const muted = foreseen(issue, { kind: 'mute_occurrences', occurrences: 3 }, 'ann', at);
  expect(muted).toMatchObject({ state: 'new', muted: 'occurrences', muted_left: 3 });
  const resolved = foreseen(muted, { kind: 'resolve' }, 'ann', at);
  expect(resolved).toMatchObject({ state: 'resolved', muted: null });
  expect(foreseen(resolved, { kind: 'mute_next_version' }, 'ann', at)).toEqual(resolved);
  expect(foreseen(resolved, { kind: 'ack' }, 'ann', at)).toBe(resolved);
  expect(foreseen(resolved, { kind: 'reopen' }, 'ann', at).state).toBe('ongoing');
});

it('a name, and nobody', () => {
  const given = foreseen(issue, { kind: 'assign', text: 'bob' }, 'ann', at);
  expect(given.assignee).toBe('bob');
  expect(foreseen(given, { kind: 'assign' }, 'ann', at).assignee).toBeNull();
});
