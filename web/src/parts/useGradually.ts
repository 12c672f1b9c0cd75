import { useDeferredValue } from 'react';

/** The beginning of a long list, so that a page can be used; then the rest, while nothing else is to be done. */
export function useGradually<T>(all: T[], atOnce: number): { shown: T[]; isWhole: boolean } {
  const shown = useDeferredValue(all, all.slice(0, atOnce));
  return { shown, isWhole: shown.length >= all.length };
}
