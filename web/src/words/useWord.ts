import { useTranslation } from 'react-i18next';
import type en from './en.json';

/** Vocabularies of the tables, whose words the API gives as they are stored. */
type Vocabulary = {
  [K in keyof typeof en]: (typeof en)[K] extends Record<string, string> ? K : never;
}[keyof typeof en];

/** Tells a stored word in the reader's language; a word that is new to this app stays as it is. */
export function useWord(): (vocabulary: Vocabulary, word: string, count?: number) => string {
  const { t } = useTranslation();
  return (vocabulary, word, count) => {
    const told: unknown = t(`${vocabulary}.${word}` as never, { count, defaultValue: word } as never);
    return typeof told === 'string' ? told : word;
  };
}
