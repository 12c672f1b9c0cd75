import { useSyncExternalStore } from 'react';
import { useProblemWords } from '../parts/problemWords';
import { TextButton } from '../parts/TextButton';
import { toasts, untell, type Toast } from '../parts/toasts';
import { useWords } from '../words/useWords';
import styles from './Toasts.module.css';

/** What was just done, at the lower edge, where it hides nothing that is being read. */
export function Toasts() {
  const all = useSyncExternalStore(toasts.listen, toasts.now);
  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      {all.map((toast) => (
        <ToastLine key={toast.key} toast={toast} />
      ))}
    </div>
  );
}

function ToastLine({ toast }: { toast: Toast }) {
  const { t } = useWords();
  const words = useProblemWords();
  const { undo } = toast;
  const isProblem = toast.text === undefined;
  const told = isProblem ? words(toast.problem) : undefined;
  const end = () => {
    untell(toast.key);
  };
  return (
    <div className={isProblem ? styles.bad : styles.toast} role={isProblem ? 'alert' : undefined}>
      <span>
        {toast.text ?? (
          <>
            <b>{told?.title}</b> {told?.what}
          </>
        )}
      </span>
      {undo && (
        <TextButton
          act={() => {
            undo();
            end();
          }}
        >
          {t('acts.undo')}
        </TextButton>
      )}
      <button type="button" className={styles.close} aria-label={t('help.close')} onClick={end}>
        ×
      </button>
    </div>
  );
}
