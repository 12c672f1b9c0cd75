import { useTranslation } from 'react-i18next';
import { HelpDialog } from './HelpDialog';
import { ToolButton } from './ToolButton';
import { useHelp } from './useHelp';

export function HelpButton() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useHelp();
  return (
    <>
      <ToolButton
        label={t('help.title')}
        act={() => {
          setOpen(true);
        }}
      >
        <span aria-hidden>?</span>
      </ToolButton>
      <HelpDialog
        isOpen={isOpen}
        close={() => {
          setOpen(false);
        }}
      />
    </>
  );
}
