import { span } from '../format/duration';
import { NONE } from '../format/number';
import { useLang } from '../words/useLang';
import styles from './Due.module.css';

/** Less than this is left, or was: it is said in the colour of what is late. */
const CLOSE_MS = 30 * 60_000;

/** How long before its deadline something was ready: `4 h 6 min`, `− 18 min`. */
export function Due({ state, margin }: { state: string; margin: number }) {
  const lang = useLang();
  if (state === 'unknown') return <>{NONE}</>;
  let tone = styles.kept;
  if (margin < 0) tone = styles.missed;
  else if (margin < CLOSE_MS) tone = styles.close;
  return (
    <span className={tone}>
      {margin < 0 ? '− ' : ''}
      {span(margin, lang)}
    </span>
  );
}
