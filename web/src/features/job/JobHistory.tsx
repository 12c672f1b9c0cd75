import { Link } from '@tanstack/react-router';
import { runsOfJob, useJobRuns, type JobName } from '../../api/job';
import { useTeller } from '../../app/useTeller';
import { duration } from '../../format/duration';
import { Answer } from '../../parts/Answer';
import { RunBars } from '../../parts/RunBars';
import { RunsTable } from '../../parts/RunsTable';
import { Section } from '../../parts/Section';
import { useWords } from '../../words/useWords';
import styles from './JobHistory.module.css';

const LISTED = 5;

interface Props {
  name: JobName;
  /** The system, where several have a job of this name. */
  system: string | undefined;
  usual: number | null;
  p95: number | null;
}

/** Its last runs: how long each took beside what is usual, and the newest of them by name. */
export function JobHistory({ name, system, usual, p95 }: Props) {
  const { t } = useWords();
  const { lang } = useTeller();
  const runs = useJobRuns(name, system);
  const all = (
    <Link to="/runs" search={{ ...runsOfJob(name, system), all: true }}>
      {t('run.allRuns')} →
    </Link>
  );
  return (
    <Section title={[t('job.runs'), system].filter(Boolean).join(' · ')} aside={all}>
      <Answer query={runs} lines={10} height={480}>
        {(items) =>
          items.length === 0 ? (
            <p>{t('runs.none')}</p>
          ) : (
            <>
              {items.some((run) => run.duration_ms !== null) && <RunBars runs={items} usual={usual} p95={p95} />}
              <div className={styles.key}>
                {usual !== null && <span>— {t('run.usual', { told: duration(usual, lang) })}</span>}
                {p95 !== null && <span>╌ {t('job.p95', { told: duration(p95, lang) })}</span>}
              </div>
              <RunsTable runs={items.slice(0, LISTED)} hasDays />
            </>
          )
        }
      </Answer>
    </Section>
  );
}
