/** A language that smartETL speaks. */
export type Lang = 'en' | 'fr';

export function pick<T>(lang: Lang, en: T, fr: T): T {
  return lang === 'fr' ? fr : en;
}

/** `fr`, `fr-CA`, `fr_FR.UTF-8`. */
export function langOfTag(tag: string): Lang | undefined {
  const language = tag.split(/[-_.]/)[0]?.toLowerCase();
  return language === 'fr' || language === 'en' ? language : undefined;
}

/** A colon, after which a blank follows. French sets it off by one that never ends a line. */
export function colonOf(lang: Lang): string {
  return pick(lang, ':', '\u00a0:');
}
