import { useWord } from '../words/useWord';
import styles from './State.module.css';
import { StateMark } from './StateMark';

/** How a run came out: its mark and its word. */
export function State({ of }: { of: string }) {
  const word = useWord();
  return (
    <span className={`${styles.state} ${styles[of]}`}>
      <StateMark of={of} />
      <span className={styles.word}>{word('outcome', of)}</span>
    </span>
  );
}
