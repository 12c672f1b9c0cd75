import { Link } from '@tanstack/react-router';
import type { Job } from '../../api/jobs';
import type { Heatmap } from '../../api/night';
import { optionDuration } from '../../format/duration';
import { NONE, number, optionNumber, percent } from '../../format/number';
import { JobLink } from '../../parts/JobLink';
import { Moment } from '../../parts/Moment';
import { NightStrip } from '../../parts/NightStrip';
import { State } from '../../parts/State';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { Trend } from './Trend';

const CELL = 4;
const HEIGHT = 16;

interface Props {
  job: Job;
  strip: Heatmap['jobs'][number] | undefined;
  days: string[];
}

export function JobsRow({ job, strip, days }: Props) {
  const { t, lang, word } = useWords();
  const asides = [
    job.project,
    job.owner,
    job.criticality === 1 ? word('criticality', '1') : null,
    job.retired_at === null ? null : t('jobs.retired'),
  ].filter((aside) => aside !== null);
  const often = job.runs_per_day ?? 1;
  const begins = often > 1 ? t('jobs.aDay', { count: often, told: number(often, lang) }) : (job.usual_start ?? NONE);
  return (
    <tr>
      <td className={table.tight}>{job.last_outcome === null ? NONE : <State of={job.last_outcome} />}</td>
      <td className={table.name}>
        <JobLink environment={job.environment} project={job.project} job={job.job} isRow />{' '}
        <span className={table.sub}>{asides.join(' · ')}</span>
      </td>
      <td className={table.secondary}>{strip && <NightStrip job={strip} days={days} cell={CELL} height={HEIGHT} />}</td>
      <td className={table.number}>{job.first_try_rate === null ? NONE : percent(job.first_try_rate, lang)}</td>
      <td className={`${table.number} ${table.tight} ${table.secondary}`}>
        {optionDuration(job.usual_duration_ms, lang)}
      </td>
      <td className={`${table.number} ${table.tight} ${table.secondary}`}>
        {optionDuration(job.p95_duration_ms, lang)}
      </td>
      <td className={`${table.number} ${table.tight} ${table.secondary}`}>
        <Trend of={job.duration_trend} />
      </td>
      <td className={`${table.number} ${table.tight} ${table.secondary}`} title={t('jobs.rowsWhat')}>
        {optionNumber(job.usual_rows, lang)}
      </td>
      <td className={`${table.number} ${table.tight} ${table.secondary}`}>{begins}</td>
      <td className={`${table.number} ${table.tight}`}>
        {job.last_run_key === null ? (
          NONE
        ) : (
          <Link to="/runs/$key" params={{ key: job.last_run_key }}>
            <Moment at={job.last_started_at} />
          </Link>
        )}
      </td>
      <td className={`${table.number} ${table.secondary}`}>
        {job.runs_since_success === 0 ? NONE : number(job.runs_since_success, lang)}
      </td>
    </tr>
  );
}
