import type { ReactNode } from 'react';
import styles from './TextButton.module.css';

interface Props {
  act: () => void;
  /** Whether what it opens is open; nothing where it opens nothing. */
  isOpen?: boolean;
  children: ReactNode;
}

/** An act that reads like a link. */
export function TextButton({ act, isOpen, children }: Props) {
  return (
    <button type="button" className={styles.button} aria-expanded={isOpen} onClick={act}>
      {children}
    </button>
  );
}
