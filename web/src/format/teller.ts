import type { Lang } from './lang';

/** Tells times in one language, one zone and at one moment (milliseconds since 1970). */
export interface Teller {
  lang: Lang;
  zone: string;
  now: number;
}
