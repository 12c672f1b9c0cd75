import i18next, { type TFunction } from 'i18next';
import { createContext } from 'react';
import { langOfTag, type Lang } from '../format/lang';
import type en from './en.json';

/** Vocabularies of the tables, whose words the API gives as they are stored. */
type Vocabulary = {
  [K in keyof typeof en]: (typeof en)[K] extends Record<string, string> ? K : never;
}[keyof typeof en];

/** What a page is told in. */
export interface Speech {
  t: TFunction;
  lang: Lang;
  /** Tells a stored word; a word that is new to this app stays as it is. */
  word: (vocabulary: Vocabulary, word: string, count?: number) => string;
}

export function speechOf(tag: string): Speech {
  const t = i18next.getFixedT(tag);
  return {
    t,
    lang: langOfTag(tag) ?? 'en',
    word: (vocabulary, word, count) => {
      const told: unknown = t(`${vocabulary}.${word}` as never, { count, defaultValue: word } as never);
      return typeof told === 'string' ? told : word;
    },
  };
}

export const SpeechContext = createContext<Speech | undefined>(undefined);
