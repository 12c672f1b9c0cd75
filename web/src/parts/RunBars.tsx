import { useElementSize } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { Run } from '../api/runs';
import { useTeller } from '../app/useTeller';
import { shortDay } from '../format/day';
import { duration, optionDuration } from '../format/duration';
import { moment } from '../format/moment';
import { number } from '../format/number';
import { useWord } from '../words/useWord';
import { useWords } from '../words/useWords';
import { ceiling, lookOf } from './runBars';
import { useRoving } from './useRoving';
import styles from './RunBars.module.css';

const HEIGHT = 120;
const FOOT = 18;
const HEAD = 14;
const WIDEST = 16;
const USUAL_WIDTH = 900;
/** Even what failed at once is seen. */
const LEAST = 3;

interface Props {
  /** Newest first. */
  runs: Run[];
  usual: number | null;
  p95: number | null;
}

/** How long each run took, the newest at the right; each leads to its run, which the list below names as well. */
export function RunBars({ runs, usual, p95 }: Props) {
  const { t } = useWords();
  const teller = useTeller();
  const word = useWord();
  const { ref, width } = useElementSize();
  const roving = useRoving<SVGSVGElement>();
  const room = width === 0 ? USUAL_WIDTH : width;
  const cell = Math.min(WIDEST, room / Math.max(1, runs.length));
  const shown = runs.toReversed();
  const top = ceiling(runs, p95);
  const floor = HEIGHT - FOOT;
  const tall = (took: number) => Math.min(1, took / top) * (floor - HEAD);
  const reach = cell * shown.length;
  const failed = runs.filter((run) => run.status === 'failed').length;
  const line = (of: 'usual' | 'p95', took: number | null) =>
    took !== null && <path className={styles[of]} d={`M0 ${floor - tall(took)}H${reach}`} />;
  const [first, last] = [shown[0], shown.at(-1)];
  return (
    <div ref={ref}>
      <svg
        {...roving}
        className={styles.chart}
        height={HEIGHT}
        role="group"
        aria-label={t('job.chart', { count: runs.length, told: number(runs.length, teller.lang), failed })}
      >
        <text x={0} y={9}>
          {duration(top / 1.05, teller.lang)}
        </text>
        <path className={styles.floor} d={`M0 ${floor + 0.5}H${reach}`} />
        {shown.map((run, index) => {
          const height = Math.max(LEAST, tall(run.duration_ms ?? 0));
          const told = [
            run.started_at === null ? shortDay(run.business_day, teller) : moment(run.started_at, teller),
            word('outcome', run.outcome),
            optionDuration(run.duration_ms, teller.lang),
          ].join(' · ');
          return (
            <Link key={run.run_key} to="/runs/$key" params={{ key: run.run_key }} aria-label={told} tabIndex={-1}>
              <title>{told}</title>
              <rect
                className={styles[lookOf(run)]}
                x={index * cell}
                y={floor - height}
                width={Math.max(1.5, cell - 2)}
                height={height}
              />
            </Link>
          );
        })}
        {line('usual', usual)}
        {line('p95', p95)}
        {first && (
          <text x={0} y={HEIGHT - 4}>
            {shortDay(first.business_day, teller)}
          </text>
        )}
        {last && reach > 140 && (
          <text x={reach} y={HEIGHT - 4} textAnchor="end">
            {shortDay(last.business_day, teller)}
          </text>
        )}
      </svg>
    </div>
  );
}
