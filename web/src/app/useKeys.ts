import { useEffect, useRef } from 'react';

/** Here keys mean something else. */
const TAKES_KEYS = 'input, textarea, select, [contenteditable], [role="menu"]';

/** Single keys that act wherever nothing is being typed or chosen from a menu, and no dialog is open. */
export function useKeys(keys: Record<string, () => void>) {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const act = latest.current[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target } = event;
      const isTaken = target instanceof Element && target.closest(TAKES_KEYS);
      // A menu that was closed may stay in the document: only one that is being used counts.
      if (isTaken || document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', hear);
    return () => {
      window.removeEventListener('keydown', hear);
    };
  }, []);
}
