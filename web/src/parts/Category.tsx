import { useWord } from '../words/useWord';
import styles from './Category.module.css';

/** The category of an error, as the head of what is said about it. */
export function Category({ of }: { of: string }) {
  const word = useWord();
  return <span className={styles.category}>{word('category', of)}</span>;
}
