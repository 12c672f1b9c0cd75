import i18next from 'i18next';
import { useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { SpeechContext, speechOf } from './speech';

function subscribe(changed: () => void) {
  i18next.on('languageChanged', changed);
  return () => {
    i18next.off('languageChanged', changed);
  };
}

/** Lets all parts below speak the language that is chosen: one of them listens for the choice, however many there are. */
export function Speaking({ children }: { children: ReactNode }) {
  const tag = useSyncExternalStore(subscribe, () => i18next.language);
  const speech = useMemo(() => speechOf(tag), [tag]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}
