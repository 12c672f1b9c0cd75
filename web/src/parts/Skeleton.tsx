import { useEffect, useState } from 'react';
import { useWords } from '../words/useWords';
import styles from './Skeleton.module.css';

const PATIENCE_MS = 200;

/** Grey lines where an answer is waited for; nothing in the first moments, so that quick answers do not flicker. */
export function Skeleton({ lines, height }: { lines: number; height: number }) {
  const { t } = useWords();
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setShown(true);
    }, PATIENCE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return (
    <div className={styles.skeleton} style={{ minHeight: height }} role="status">
      {isShown && (
        <>
          <span className="hidden">{t('state.loading')}</span>
          {Array.from({ length: lines }, (_, line) => (
            <i key={line} style={{ width: `${92 - ((line * 17) % 41)}%` }} />
          ))}
        </>
      )}
    </div>
  );
}
