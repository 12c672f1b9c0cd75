import { NONE } from '../../format/number';
import { useWords } from '../../words/useWords';
import styles from './Trend.module.css';
import { isSlower, trendText } from './trendText';

/** Where the duration goes: how much slower or quicker its last good runs are than usual. */
export function Trend({ of }: { of: number | null }) {
  const { t, lang } = useWords();
  const told = trendText(of, lang);
  if (told === null) return <>{NONE}</>;
  return (
    <span className={isSlower(of) ? styles.slower : undefined} title={t('jobs.trendWhat')}>
      {told}
    </span>
  );
}
