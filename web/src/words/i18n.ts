import i18next from 'i18next';
import { langOfTag, type Lang } from '../format/lang';
import en from './en.json';
import fr from './fr.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'words';
    resources: { words: typeof en };
  }
}

const REMEMBERED = 'smartetl.language';

/** French has a plural of its own from a million on, which reads like the others here. */
function withMillions<T extends object>(words: T): T {
  const entries = Object.entries(words).flatMap(([key, value]: [string, unknown]): [string, unknown][] => {
    if (typeof value === 'object' && value !== null) return [[key, withMillions(value)]];
    return key.endsWith('_other')
      ? [
          [key, value],
          [key.replace(/_other$/, '_many'), value],
        ]
      : [[key, value]];
  });
  return Object.fromEntries(entries) as T;
}

/** What the address says, else what was chosen here before, else what the browser likes best of ours. */
function firstLanguage(): Lang {
  const asked = langOfTag(new URLSearchParams(location.search).get('lang') ?? '');
  const remembered = langOfTag(localStorage.getItem(REMEMBERED) ?? '');
  const liked = navigator.languages.map(langOfTag).find((lang) => lang !== undefined);
  return asked ?? remembered ?? liked ?? 'en';
}

function tellDocument(lang: string) {
  document.documentElement.lang = lang;
}

export async function startWords(lang: Lang = firstLanguage()): Promise<typeof i18next> {
  i18next.on('languageChanged', tellDocument);
  await i18next.init({
    lng: lang,
    fallbackLng: false,
    ns: ['words'],
    defaultNS: 'words',
    resources: { en: { words: en }, fr: { words: withMillions(fr) } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  return i18next;
}

export function chooseLanguage(lang: Lang) {
  localStorage.setItem(REMEMBERED, lang);
  const address = new URL(location.href);
  if (address.searchParams.has('lang')) {
    address.searchParams.delete('lang');
    history.replaceState(history.state, '', address);
  }
  void i18next.changeLanguage(lang);
}
