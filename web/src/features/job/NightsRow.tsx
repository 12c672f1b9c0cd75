import { Link } from '@tanstack/react-router';
import type { JobNight } from '../../api/job';
import { useTeller } from '../../app/useTeller';
import { weekday } from '../../format/day';
import { NONE, number, optionNumber } from '../../format/number';
import { Category } from '../../parts/Category';
import { look } from '../../parts/heatCells';
import { Moment } from '../../parts/Moment';
import { State } from '../../parts/State';
import table from '../../parts/table.module.css';
import { Took } from '../../parts/Took';
import { useWords } from '../../words/useWords';
import { NightDue } from './NightDue';

interface Props {
  night: JobNight;
  environment: string;
  /** What is known of some night of the list. */
  has: { read: boolean; written: boolean; deadline: boolean };
}

/** Nights of a job that others run have no verdict; that a run failed before the last one did not is never plain green. */
function verdictOf(night: JobNight) {
  if (night.verdict !== null) return look(night);
  return night.outcome.startsWith('success') && night.failed > 0 ? 'recovered' : undefined;
}

/** One night: what it came to, and its last run. */
export function NightsRow({ night, environment, has }: Props) {
  const { t } = useWords();
  const teller = useTeller();
  const { lang } = teller;
  const { business_day: day, category, version_before: before } = night;
  const verdict = verdictOf(night);
  const change =
    before === null || night.job_version === null ? null : t('tonight.version', { now: night.job_version, before });
  return (
    <tr>
      <td className={table.tight}>
        {verdict === undefined ? <State of={night.outcome} /> : <State of={verdict} as="verdict" />}
      </td>
      <td className={table.tight}>
        <Link to="/" search={{ environment, day }} data-row="">
          {weekday(day, teller)}
        </Link>
        {night.day_kind === 'holiday' && <span className={table.sub}> {t('job.holiday')}</span>}
      </td>
      <td className={`${table.number} ${table.tight} ${table.secondary}`}>
        {night.failed > 0 && (
          <span className={table.sub}>{t('job.failed', { told: number(night.failed, lang) })} · </span>
        )}
        {number(night.runs, lang)}
      </td>
      <td className={`${table.number} ${table.tight}`}>
        <Link to="/runs/$key" params={{ key: night.run_key }}>
          <Moment at={night.started_at} night={day} />
        </Link>
      </td>
      <td className={`${table.number} ${table.tight}`}>
        <Took took={night.duration_ms} usual={night.usual_duration_ms} />
      </td>
      {has.read && (
        <td className={`${table.number} ${table.tight} ${table.secondary}`}>{optionNumber(night.rows_in, lang)}</td>
      )}
      {has.written && (
        <td className={`${table.number} ${table.tight} ${table.secondary}`}>{optionNumber(night.rows_out, lang)}</td>
      )}
      {has.deadline && (
        <td className={`${table.number} ${table.tight} ${table.secondary}`}>
          <Moment at={night.deadline_at} night={day} />
        </td>
      )}
      {has.deadline && (
        <td className={`${table.number} ${table.tight}`}>
          <NightDue night={night} />
        </td>
      )}
      <td className={table.secondary}>
        {category !== null && <Category of={category} />} {change}
        {category === null && change === null && NONE}
      </td>
    </tr>
  );
}
