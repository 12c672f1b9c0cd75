import type { ReactNode } from 'react';
import styles from './Nothing.module.css';

/** Where nothing is there: that it is so, and what to do next. */
export function Nothing({ title, what, children }: { title: string; what?: string; children?: ReactNode }) {
  return (
    <section className={styles.nothing}>
      <h2>{title}</h2>
      {what !== undefined && <p>{what}</p>}
      {children}
    </section>
  );
}
