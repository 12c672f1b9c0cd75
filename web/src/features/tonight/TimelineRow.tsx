import type { Night, Timeline } from '../../api/night';
import { JobLink } from '../../parts/JobLink';
import { range, type Stretch } from '../../parts/stretch';
import bars from '../../parts/bars.module.css';
import { Deadline } from './Deadline';
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
          <Deadline at={job.deadline_at} runs={job.runs} day={night.business_day} stretch={stretch} />
        )}
      </div>
    </div>
  );
}
