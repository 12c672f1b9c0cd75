import { useTranslation } from 'react-i18next';
import type { Night, Timeline } from '../../api/night';
import { useTeller } from '../../app/useTeller';
import { inNight } from '../../format/moment';
import { JobLink } from '../../parts/JobLink';
import { place, range, type Stretch } from '../../parts/stretch';
import bars from '../../parts/bars.module.css';
import styles from './Timeline.module.css';
import { TimelineBar } from './TimelineBar';

interface Props {
  job: Timeline['jobs'][number];
  night: Night;
  stretch: Stretch;
  isLate: boolean;
  isWatched: boolean;
  /** One of many without a name. */
  isThin: boolean;
}

/** More runs than these are told as `23/24` beside the name. */
const COUNTED_FROM = 4;

export function TimelineRow({ job, night, stretch, isLate, isWatched, isThin }: Props) {
  const { t } = useTranslation();
  const teller = useTeller();
  const good = job.runs.filter((run) => run.status === 'success').length;
  const [early, late] = [job.usual_start?.early, job.usual_end?.late];
  const usual = early && late ? range(Date.parse(early), Date.parse(late), stretch) : undefined;
  const last = job.runs.length - 1;
  return (
    <div className={isThin ? styles.thin : styles.row} title={isThin ? job.job : undefined}>
      {!isThin && (
        <div className={isWatched ? styles.label : `${styles.label} ${styles.calm}`}>
          <JobLink environment={night.environment} project={job.project} job={job.job} isQuiet isRow={isWatched} />
          {job.runs.length >= COUNTED_FROM && (
            <span>
              {good}/{job.runs.length}
            </span>
          )}
        </div>
      )}
      <div className={styles.track}>
        {usual && <i className={`${bars.usual} ${styles.usual}`} style={usual} />}
        {job.runs.map((run, index) => (
          <TimelineBar
            key={run.run_key}
            run={run}
            job={job.job}
            asOf={night.as_of}
            stretch={stretch}
            isLate={isLate && index === last}
            isThin={isThin}
          />
        ))}
        {job.deadline_at !== null && !isThin && (
          <i className={styles.due} style={{ left: `${place(Date.parse(job.deadline_at), stretch)}%` }}>
            <span>{t('tonight.dueAt', { at: inNight(job.deadline_at, night.business_day, teller) })}</span>
          </i>
        )}
      </div>
    </div>
  );
}
