import { useEffect } from 'react';
import { useKeys } from '../app/useKeys';
import { heldActs } from './held';
import { toasts, untell } from '../parts/toasts';

/** `z` takes back what was done last, as long as that is possible; whoever leaves means what they did. */
export function useUndoKey() {
  useKeys({
    z: () => {
      const toast = toasts.now().findLast(({ undo }) => undo !== undefined);
      if (!toast?.undo) return;
      toast.undo();
      untell(toast.key);
    },
  });
  useEffect(() => {
    const leave = () => {
      if (document.visibilityState === 'hidden') heldActs.sendAll();
    };
    const go = () => {
      heldActs.sendAll();
    };
    document.addEventListener('visibilitychange', leave);
    window.addEventListener('pagehide', go);
    return () => {
      document.removeEventListener('visibilitychange', leave);
      window.removeEventListener('pagehide', go);
    };
  }, []);
}
