import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GRACE_MS, HeldActs, type Held } from './held';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function sender() {
  const sent: string[] = [];
  const send = ({ issue, act }: Held) => {
    sent.push(`${issue} ${act.kind}`);
    return Promise.resolve();
  };
  return { sent, send };
}

it('an act that is taken back in time is never sent', async () => {
  const acts = new HeldActs();
  const { sent, send } = sender();
  const held = acts.hold('a', { kind: 'ack' }, send);
  expect(acts.now()).toEqual([held]);
  expect(acts.takeBack(held.number)).toBe(true);
  await vi.advanceTimersByTimeAsync(GRACE_MS * 2);
  expect(acts.now()).toEqual([]);
  expect(sent).toEqual([]);
});

it('is sent once, and then cannot be taken back', async () => {
  const acts = new HeldActs();
  const { sent, send } = sender();
  const held = acts.hold('a', { kind: 'ack' }, send);
  await vi.advanceTimersByTimeAsync(GRACE_MS);
  acts.sendAll();
  expect(acts.takeBack(held.number)).toBe(false);
  expect(sent).toEqual(['a ack']);
  expect(acts.now()).toEqual([]);
});

it('acts on one issue are sent in their order, those on others wait', async () => {
  const acts = new HeldActs();
  const { sent, send } = sender();
  acts.hold('a', { kind: 'ack' }, send);
  acts.hold('b', { kind: 'ack' }, send);
  acts.hold('a', { kind: 'resolve' }, send);
  expect(sent).toEqual(['a ack']);
  expect(acts.latest()?.act.kind).toBe('resolve');
  acts.sendAll();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual(['a ack', 'b ack', 'a resolve']);
});

it('shows while it is under way, and no longer once it is refused', async () => {
  const acts = new HeldActs();
  let refuse: () => void = () => undefined;
  const refused = new Promise<void>((told) => {
    refuse = told;
  });
  acts.hold('a', { kind: 'ack' }, () => refused);
  await vi.advanceTimersByTimeAsync(GRACE_MS);
  expect(acts.now()).toHaveLength(1);
  refuse();
  await vi.advanceTimersByTimeAsync(0);
  expect(acts.now()).toEqual([]);
});

it('settles when all is stored or refused, also what was on its way already', async () => {
  const acts = new HeldActs();
  const ends: (() => void)[] = [];
  const send = () =>
    new Promise<void>((told) => {
      ends.push(told);
    });
  acts.hold('a', { kind: 'ack' }, send);
  await vi.advanceTimersByTimeAsync(GRACE_MS);
  acts.hold('b', { kind: 'ack' }, send);
  acts.hold('c', { kind: 'ack' }, () => Promise.reject(new Error('no')));
  let isSettled = false;
  const settled = acts.settle().then(() => {
    isSettled = true;
  });
  expect(ends).toHaveLength(2);
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(isSettled).toBe(false);
  ends[1]?.();
  await settled;
  expect(acts.now()).toEqual([]);
});

it('what is dropped is never sent; what is on its way goes on', async () => {
  const acts = new HeldActs();
  const { sent, send } = sender();
  acts.hold('a', { kind: 'ack' }, send);
  await vi.advanceTimersByTimeAsync(GRACE_MS);
  const held = acts.hold('b', { kind: 'ack' }, send);
  expect(acts.drop()).toEqual([held]);
  await vi.advanceTimersByTimeAsync(GRACE_MS * 2);
  expect(sent).toEqual(['a ack']);
  expect(acts.now()).toEqual([]);
  expect(acts.drop()).toEqual([]);
});
