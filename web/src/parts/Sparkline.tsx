import { number } from '../format/number';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';
import styles from './Sparkline.module.css';

const CELL = 4;
const HEIGHT = 18;
/** Even a single run is seen. */
const LEAST = 3;

/** In how many runs something occurred, night by night. */
export function Sparkline({ counts }: { counts: number[] }) {
  const { t } = useWords();
  const lang = useLang();
  const most = Math.max(1, ...counts);
  const nights = counts.filter((count) => count > 0).length;
  const width = CELL * counts.length;
  return (
    <svg
      className={styles.sparkline}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={t('issues.nightsOf', { count: nights, told: number(nights, lang), of: counts.length })}
    >
      <path d={`M0 ${HEIGHT - 0.5}H${width}`} />
      {counts.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(LEAST, (count / most) * (HEIGHT - 2));
        return <rect key={index} x={index * CELL} y={HEIGHT - 1 - height} width={CELL - 1} height={height} />;
      })}
    </svg>
  );
}
