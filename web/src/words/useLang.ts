import type { Lang } from '../format/lang';
import { useWords } from './useWords';

/** The language that is shown. */
export const useLang = (): Lang => useWords().lang;
