import type { Speech } from './speech';
import { useWords } from './useWords';

/** Tells stored words. */
export const useWord = (): Speech['word'] => useWords().word;
