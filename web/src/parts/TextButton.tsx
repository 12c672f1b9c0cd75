import type { ReactNode } from 'react';
import styles from './TextButton.module.css';

/** An act that reads like a link. */
export function TextButton({ act, children }: { act: () => void; children: ReactNode }) {
  return (
    <button type="button" className={styles.button} onClick={act}>
      {children}
    </button>
  );
}
