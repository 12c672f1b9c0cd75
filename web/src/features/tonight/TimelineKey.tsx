import type { ReactNode } from 'react';
import { useWords } from '../../words/useWords';
import styles from './TimelineKey.module.css';

export function TimelineKey({ children }: { children: ReactNode }) {
  const { t } = useWords();
  return (
    <div className={styles.key}>
      <span>{t('tonight.bar')}</span>
      <span>{t('tonight.usualLine')}</span>
      <span>✕ {t('tonight.failedKey')}</span>
      <span>? {t('tonight.lostKey')}</span>
      <span>▏{t('tonight.dueKey')}</span>
      {children}
    </div>
  );
}
