import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '../words/i18n';
import { useLang } from '../words/useLang';
import { ToolButton } from './ToolButton';

export function LanguageSwitch() {
  const { t } = useTranslation();
  const other = useLang() === 'fr' ? 'en' : 'fr';
  return (
    <ToolButton
      label={t('frame.otherLanguage')}
      act={() => {
        chooseLanguage(other);
      }}
    >
      <span lang={other}>{other}</span>
    </ToolButton>
  );
}
