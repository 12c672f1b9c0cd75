import type { Night } from '../../api/night';
import { number } from '../../format/number';
import { StateMark } from '../../parts/StateMark';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './Counts.module.css';

const SHOWN = ['ok', 'recovered', 'failed', 'lost', 'cancelled', 'unverified', 'running', 'late', 'not_seen'] as const;
/** Told also where there are none. */
const ALWAYS = new Set<string>(['ok', 'failed']);

export function Counts({ night }: { night: Night }) {
  const { t } = useWords();
  const lang = useLang();
  const shown = SHOWN.filter((of) => night.counts[of] > 0 || ALWAYS.has(of));
  return (
    <ul className={styles.counts}>
      {shown.map((of) => (
        <li key={of}>
          <StateMark of={of} />
          <b>{number(night.counts[of], lang)}</b> {t(`verdict.${of}`, { count: night.counts[of] })}
          {of === 'ok' && night.usually_ok !== null && (
            <span> ({t('tonight.usually', { told: number(night.usually_ok, lang) })})</span>
          )}
        </li>
      ))}
    </ul>
  );
}
