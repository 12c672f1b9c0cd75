import { useCallback, useState } from 'react';
import { useWords } from '../words/useWords';
import styles from './ErrorText.module.css';
import { TextButton } from './TextButton';

const SLACK_PX = 6;

/** The message of an error as it was written, never as markup; long ones are folded until they are asked for. */
export function ErrorText({
  text,
  lines = 4,
  canCopy = false,
}: {
  text: string | null;
  lines?: number;
  canCopy?: boolean;
}) {
  const { t } = useWords();
  const [isWhole, setWhole] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const [isCut, setCut] = useState(false);
  const measure = useCallback((element: HTMLPreElement | null) => {
    if (element) setCut(element.scrollHeight > element.clientHeight + SLACK_PX);
  }, []);
  if (text === null) return <p className={styles.none}>{t('error.noMessage')}</p>;
  const isLong = isCut || isWhole;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div className={styles.error}>
      <pre
        ref={measure}
        className={isWhole ? undefined : styles.folded}
        style={isWhole ? undefined : { WebkitLineClamp: lines }}
      >
        {text}
      </pre>
      {(isLong || canCopy) && (
        <div className={styles.acts}>
          {isLong && (
            <TextButton
              isOpen={isWhole}
              act={() => {
                setWhole(!isWhole);
              }}
            >
              {t(isWhole ? 'error.less' : 'error.whole')}
            </TextButton>
          )}
          {canCopy && <TextButton act={() => void copy()}>{t(isCopied ? 'error.copied' : 'error.copy')}</TextButton>}
        </div>
      )}
    </div>
  );
}
