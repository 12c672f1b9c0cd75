import { useElementSize } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useTeller } from '../app/useTeller';
import { plusDays, shortDay, weekday } from '../format/day';
import { number } from '../format/number';
import { useWords } from '../words/useWords';
import { useRoving } from './useRoving';
import styles from './DayBars.module.css';

const HEIGHT = 96;
const FOOT = 18;
const HEAD = 14;
const WEEK = 7;
/** So wide is a date. */
const LABEL = 44;
const USUAL_WIDTH = 800;

interface Props {
  counts: number[];
  /** The business day of the last count. */
  last: string;
  environment: string;
}

/** In how many runs something occurred, night by night; each leads to its night. */
export function DayBars({ counts, last, environment }: Props) {
  const { t } = useWords();
  const teller = useTeller();
  const { ref, width } = useElementSize();
  const roving = useRoving<SVGSVGElement>();
  const room = width === 0 ? USUAL_WIDTH : width;
  const cell = Math.min(28, room / counts.length);
  const most = Math.max(1, ...counts);
  const nights = counts.filter((count) => count > 0).length;
  const days = counts.map((_, index) => plusDays(last, index + 1 - counts.length));
  const floor = HEIGHT - FOOT;
  return (
    <div ref={ref}>
      <svg
        {...roving}
        className={styles.chart}
        height={HEIGHT}
        role="group"
        aria-label={t('issues.nightsOf', { count: nights, told: number(nights, teller.lang), of: counts.length })}
      >
        <path d={`M0 ${floor + 0.5}H${cell * counts.length}`} />
        {days.map((day, index) => {
          const count = counts[index] ?? 0;
          const height = (count / most) * (floor - HEAD);
          const left = index * cell;
          const told = `${weekday(day, teller)} · ${t('issues.runsOf', { count, told: number(count, teller.lang) })}`;
          return (
            count > 0 && (
              <Link key={day} to="/" search={{ environment, day }} aria-label={told} tabIndex={-1}>
                <title>{told}</title>
                <rect x={left + 1} y={floor - height} width={Math.max(2, cell - 3)} height={height} />
                <text x={left + cell / 2} y={floor - height - 3} textAnchor="middle">
                  {number(count, teller.lang)}
                </text>
              </Link>
            )
          );
        })}
        {days.map((day, index) => {
          const isMarked = (counts.length - 1 - index) % WEEK === 0 && (index + 1) * cell > LABEL;
          return (
            isMarked && (
              <text key={day} x={(index + 1) * cell} y={HEIGHT - 4} textAnchor="end">
                {shortDay(day, teller)}
              </text>
            )
          );
        })}
      </svg>
    </div>
  );
}
