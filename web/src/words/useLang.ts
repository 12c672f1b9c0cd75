import { useTranslation } from 'react-i18next';
import { langOfTag, type Lang } from '../format/lang';

/** The language that is shown. */
export function useLang(): Lang {
  const { i18n } = useTranslation();
  return langOfTag(i18n.language) ?? 'en';
}
