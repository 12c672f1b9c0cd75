import { useWord } from '../words/useWord';
import styles from './State.module.css';
import { StateMark } from './StateMark';

/** How a run or a night came out: its mark and its word. */
export function State({ of, as = 'outcome' }: { of: string; as?: 'outcome' | 'verdict' }) {
  const word = useWord();
  return (
    <span className={`${styles.state} ${styles[of]}`}>
      <StateMark of={of} />
      <span className={styles.word}>{word(as, of, 1)}</span>
    </span>
  );
}
