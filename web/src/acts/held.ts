import type { Schemas } from '../api/client';

export type ActAsked = Schemas['ActAsked'];

/** An act on an issue that shows already, and is sent unless it is taken back before. */
export interface Held {
  number: number;
  issue: string;
  act: ActAsked;
}

/** So long an act can be taken back as if it had never been: what is stored of acts is never removed. */
export const GRACE_MS = 5000;

type Send = (held: Held) => Promise<void>;

/** Acts that wait, in the order in which they were done, and those that are under way. */
export class HeldActs {
  private all: readonly Held[] = [];
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();
  private readonly underway = new Map<number, Promise<void>>();
  private readonly listeners = new Set<() => void>();
  private last = 0;

  readonly listen = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly now = () => this.all;

  /** Shows it at once. What waits for the same issue goes first, so that acts are stored in their order. */
  hold(issue: string, act: ActAsked, send: Send): Held {
    this.sendAll((held) => held.issue === issue);
    this.last += 1;
    const held = { number: this.last, issue, act };
    this.change([...this.all, held]);
    this.senders.set(held.number, send);
    this.timers.set(
      held.number,
      setTimeout(() => {
        this.begin(held);
      }, GRACE_MS),
    );
    return held;
  }

  /** Whether it was still to be sent. */
  takeBack(number: number): boolean {
    if (!this.timers.has(number)) return false;
    clearTimeout(this.timers.get(number));
    this.timers.delete(number);
    this.end(number);
    return true;
  }

  /** The one that was done last and can be taken back. */
  latest(): Held | undefined {
    return this.all.findLast((held) => this.timers.has(held.number));
  }

  /** Sends without waiting: the page goes, or another act follows. */
  sendAll(which: (held: Held) => boolean = () => true) {
    for (const held of this.all.filter(which)) {
      if (this.timers.has(held.number)) this.begin(held);
    }
  }

  /** Sends what waits, and ends when all is stored or refused: whoever did it is about to be nobody. */
  async settle(): Promise<void> {
    this.sendAll();
    await Promise.allSettled(this.underway.values());
  }

  /** Forgets what waits, which would be stored under another name; it says what that was. */
  drop(): Held[] {
    const dropped = this.all.filter((held) => this.timers.has(held.number));
    for (const { number } of dropped) this.takeBack(number);
    return dropped;
  }

  private readonly senders = new Map<number, Send>();

  /** It shows until it is stored and read again, or refused. */
  private begin(held: Held) {
    clearTimeout(this.timers.get(held.number));
    this.timers.delete(held.number);
    const sent = this.senders.get(held.number)?.(held);
    if (sent === undefined) return;
    const ended = sent.finally(() => {
      this.end(held.number);
    });
    this.underway.set(held.number, ended);
  }

  private end(number: number) {
    this.senders.delete(number);
    this.underway.delete(number);
    this.change(this.all.filter((held) => held.number !== number));
  }

  private change(all: readonly Held[]) {
    this.all = all;
    for (const listener of this.listeners) listener();
  }
}

export const heldActs = new HeldActs();
