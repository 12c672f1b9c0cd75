import { useWords } from '../words/useWords';
import { HelpDialog } from './HelpDialog';
import { ToolButton } from './ToolButton';
import { useHelp } from './useHelp';

export function HelpButton() {
  const { t } = useWords();
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
