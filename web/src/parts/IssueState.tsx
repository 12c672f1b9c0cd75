import type { Issue } from '../api/issues';
import { useWord } from '../words/useWord';
import styles from './IssueState.module.css';

const SIGNS: Record<Issue['state'], string> = { new: '✕', regressed: '↺', ongoing: '●', resolved: '✓' };

/** The state of an issue: its sign and its word. */
export function IssueState({ of }: { of: Issue['state'] }) {
  const word = useWord();
  return (
    <span className={`${styles.state} ${of === 'resolved' ? styles.resolved : styles.open}`}>
      <i aria-hidden className={styles.sign}>
        {SIGNS[of]}
      </i>
      <span className={styles.word}>{word('issueState', of)}</span>
    </span>
  );
}
