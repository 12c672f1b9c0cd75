import { Link } from '@tanstack/react-router';
import type { Run } from '../api/runs';
import { useTeller } from '../app/useTeller';
import { otherYear, shortDay } from '../format/day';
import { number } from '../format/number';
import { useWords } from '../words/useWords';
import { Category } from './Category';
import { Moment } from './Moment';
import { State } from './State';
import { Took } from './Took';
import table from './table.module.css';
import { useWord } from '../words/useWord';
import styles from './RunsRow.module.css';

interface Props {
  run: Run;
  /** Its business day has a column of its own. */
  hasDay: boolean;
}

export function RunsRow({ run, hasDay }: Props) {
  const { t } = useWords();
  const word = useWord();
  const teller = useTeller();
  const day = run.business_day;
  const asides = [
    run.is_root ? undefined : t('runs.of', { job: run.root_job }),
    run.attempt > 1 ? t('runs.attempt', { told: number(run.attempt, teller.lang) }) : undefined,
    run.trigger === 'scheduled' || run.trigger === 'unknown' ? undefined : word('trigger', run.trigger),
  ].filter((aside) => aside !== undefined);
  return (
    <tr>
      <td className={table.tight}>
        <State of={run.outcome} />
      </td>
      <td className={styles.job}>
        <Link to="/runs/$key" params={{ key: run.run_key }} data-row="">
          {run.job}
        </Link>{' '}
        <span className={table.sub}>{asides.join(' · ')}</span>
      </td>
      <td className={styles.started}>
        {hasDay ? <Moment at={run.started_at} withDay /> : <Moment at={run.started_at} night={day} />}
      </td>
      {hasDay && (
        <td className={`${table.secondary} ${table.tight}`}>
          {shortDay(day, teller)}
          {otherYear(day, teller)}
        </td>
      )}
      <td className={`${table.number} ${table.tight}`}>
        <Took took={run.duration_ms} usual={run.usual_duration_ms} />
      </td>
      <td className={`${table.secondary} ${styles.cause}`}>
        {run.cause && (
          <>
            <Category of={run.cause.category} /> <code title={run.cause.message ?? undefined}>{run.cause.message}</code>
          </>
        )}
      </td>
    </tr>
  );
}
