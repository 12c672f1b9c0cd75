import type { Piece } from '../../api/search';
import styles from './search.module.css';

/** Where it matched, marked; nothing where that is the title itself. */
export function PieceText({ piece, than }: { piece: Piece; than?: string }) {
  const text = piece.map((part) => part.text).join('');
  if (text === '' || text === than) return null;
  return (
    <code className={styles.piece}>
      {piece.map((part, index) => (part.matches ? <mark key={index}>{part.text}</mark> : part.text))}
    </code>
  );
}
