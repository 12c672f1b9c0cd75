import { Problem } from './problem';

const RETURN_MS = 10_000;

/** No answer came, or none is possible at the moment; an answer that says no is one. */
export function isPassing(error: Error): boolean {
  return !(error instanceof Problem) || error.isUnreachable || error.status === 503;
}

/** When something is asked for again: what failed comes back by itself, when smartETL does; else so often. */
export function comingBack(usualMs: number | false) {
  return ({ state }: { state: { error: Error | null } }) =>
    state.error !== null && isPassing(state.error) ? RETURN_MS : usualMs;
}
