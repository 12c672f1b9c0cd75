import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ABOUT } from '../api/about';

/** So long it waits for more that changes, and asks once for all of it. */
const TOGETHER_MS = 2000;
/** After an answer that is none. */
const AGAIN_MS = 30_000;

/** What is shown is asked for again when smartETL says that something changed, and whether it is there when it falls silent; not while nobody sees it, since browsers keep few connections. */
export function useLive() {
  const client = useQueryClient();
  useEffect(() => {
    let events: EventSource | undefined;
    let together: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    let isAway = false;
    const changed = () => {
      together ??= setTimeout(() => {
        together = undefined;
        void client.invalidateQueries();
      }, TOGETHER_MS);
    };
    const end = () => {
      clearTimeout(again);
      events?.close();
      events = undefined;
    };
    const listen = () => {
      end();
      if (document.visibilityState === 'hidden') return;
      events = new EventSource('/api/v1/events');
      events.addEventListener('changed', changed);
      events.addEventListener('open', () => {
        // Meanwhile nobody said what changed.
        if (isAway) changed();
        isAway = false;
      });
      events.addEventListener('error', () => {
        isAway = true;
        // Whoever asks already goes on: each try of the browser is such an error, and a question takes longer than some.
        void client.invalidateQueries({ queryKey: [ABOUT] }, { cancelRefetch: false });
        // It comes back by itself unless the answer was no.
        if (events?.readyState === EventSource.CLOSED) again = setTimeout(listen, AGAIN_MS);
      });
    };
    const seen = () => {
      listen();
      if (document.visibilityState === 'visible') changed();
    };
    listen();
    document.addEventListener('visibilitychange', seen);
    return () => {
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(together);
      end();
    };
  }, [client]);
}
