import { chooseLanguage } from '../words/i18n';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';
import { ToolButton } from './ToolButton';

export function LanguageSwitch() {
  const { t } = useWords();
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
