import { use } from 'react';
import { SpeechContext, type Speech } from './speech';

/** Words in the reader's language. */
export function useWords(): Speech {
  const speech = use(SpeechContext);
  if (speech === undefined) throw new Error('nothing speaks here');
  return speech;
}
