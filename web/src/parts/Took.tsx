import { duration, optionDuration } from '../format/duration';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';
import styles from './Took.module.css';

/** So many times the usual, and it is said in the colour of what is late. */
const SLOW = 1.5;
const WIDTH = 44;

/** A duration with its comparison: the bar is this run, the stroke the usual one. */
export function Took({ took, usual }: { took: number | null; usual: number | null }) {
  const { t } = useWords();
  const lang = useLang();
  const isSlow = took !== null && usual !== null && usual > 0 && took > usual * SLOW;
  const most = Math.max(took ?? 0, usual ?? 0, 1);
  return (
    <span className={styles.took} title={usual === null ? undefined : t('runs.usual', { told: duration(usual, lang) })}>
      <span className={isSlow ? styles.slow : undefined}>{optionDuration(took, lang)}</span>
      <svg width={WIDTH} height={9} aria-hidden>
        {took !== null && usual !== null && (
          <>
            <rect
              y={2}
              width={(took / most) * (WIDTH - 2)}
              height={5}
              rx={1}
              className={isSlow ? styles.slowBar : styles.bar}
            />
            <rect x={(usual / most) * (WIDTH - 2)} width={1.5} height={9} className={styles.usual} />
          </>
        )}
      </svg>
    </span>
  );
}
