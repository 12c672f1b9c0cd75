import { Kbd, Modal } from '@mantine/core';
import { useWords } from '../words/useWords';
import styles from './HelpDialog.module.css';

const KEYS = [
  ['/', 'search'],
  ['j', 'next'],
  ['k', 'previous'],
  ['↵', 'open'],
  ['p', 'earlier'],
  ['n', 'later'],
  ['e', 'ack'],
  ['a', 'take'],
  ['z', 'undo'],
  ['?', 'help'],
  ['Esc', 'close'],
] as const;

export function HelpDialog({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const { t } = useWords();
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={t('help.title')}
      size="xs"
      closeButtonProps={{ 'aria-label': t('help.close') }}
    >
      <dl className={styles.keys}>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{t(`help.${what}`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
