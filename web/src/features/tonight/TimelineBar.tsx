import { Link } from '@tanstack/react-router';
import type { Timeline } from '../../api/night';
import { useTeller } from '../../app/useTeller';
import { duration } from '../../format/duration';
import { seconds } from '../../format/moment';
import { useWord } from '../../words/useWord';
import { place, range, type Stretch } from '../../parts/stretch';
import bars from '../../parts/bars.module.css';
import styles from './Timeline.module.css';

interface Props {
  run: Timeline['jobs'][number]['runs'][number];
  job: string;
  asOf: string | null;
  stretch: Stretch;
  isLate: boolean;
  isThin: boolean;
}

const LOOKS: Record<string, string> = { success: 'ok', failed: 'failed', lost: 'lost', running: 'running' };
const SIGNS: Record<string, string> = { failed: '✕', lost: '?' };

/** One run: its stretch, its colour, and a sign where colour would not be enough. */
export function TimelineBar({ run, job, asOf, stretch, isLate, isThin }: Props) {
  const word = useWord();
  const teller = useTeller();
  const { started_at: started } = run;
  const status = run.status ?? 'unknown';
  const until = run.ended_at ?? (run.status === 'running' && asOf !== null ? asOf : run.last_event_at);
  if (started === null || until === null) return null;
  const [from, to] = [Date.parse(started), Date.parse(until)];
  const look = status === 'success' && isLate ? 'late' : (LOOKS[status] ?? 'other');
  const end = run.ended_at === null ? '…' : seconds(run.ended_at, teller);
  const took = duration(to - from, teller.lang);
  const told = `${job}, ${seconds(started, teller)} – ${end}, ${took}, ${word('outcome', status)}`;
  const style = range(from, to, stretch);
  return (
    <>
      <Link
        to="/runs/$key"
        params={{ key: run.run_key }}
        className={`${bars.bar} ${styles.bar} ${bars[look]}`}
        style={style}
        title={told}
        aria-label={told}
        tabIndex={isThin || (status === 'success' && !isLate) ? -1 : undefined}
      />
      {SIGNS[status] !== undefined && !isThin && (
        <span aria-hidden className={styles[`sign-${look}`]} style={{ left: `${place(to, stretch)}%` }}>
          {SIGNS[status]}
        </span>
      )}
    </>
  );
}
