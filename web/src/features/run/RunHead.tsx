import { Link } from '@tanstack/react-router';
import type { RunAnswer } from '../../api/run';
import { useTeller } from '../../app/useTeller';
import { night } from '../../format/day';
import { number } from '../../format/number';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { Breadcrumbs } from './Breadcrumbs';
import { Neighbours } from './Neighbours';
import styles from './RunHead.module.css';
import { RunSentence } from './RunSentence';

/** What ran, how it came out, when, and what it belongs to. */
export function RunHead({ answer }: { answer: RunAnswer }) {
  const { t } = useWords();
  const teller = useTeller();
  const word = useWord();
  const { run } = answer;
  const facts = [
    run.environment,
    run.project,
    run.host,
    run.job_version === null ? null : t('run.version', { version: run.job_version }),
    run.attempt > 1 ? t('run.attempt', { told: number(run.attempt, teller.lang) }) : null,
    run.trigger === 'unknown' ? null : word('trigger', run.trigger),
    t('run.runId', { id: run.run_id }),
  ].filter((fact) => fact !== null);
  return (
    <header>
      <div className={styles.top}>
        <Breadcrumbs answer={answer} />
        <Neighbours answer={answer} />
      </div>
      <RunSentence answer={answer} />
      <p className={styles.facts}>
        <Link
          to="/jobs/$environment/$project/$job"
          params={{ environment: run.environment, project: run.project ?? '-', job: run.job }}
        >
          {t('run.allRuns')}
        </Link>{' '}
        ·{' '}
        <Link to="/" search={{ environment: run.environment, day: run.business_day }}>
          {night(run.business_day, teller)}
        </Link>{' '}
        · {facts.join(' · ')}
        {run.rerun_of !== null && (
          <>
            {' · '}
            {t('run.repeats')}{' '}
            <Link to="/runs/$key" params={{ key: run.rerun_of }}>
              {t('run.theRepeated')}
            </Link>
          </>
        )}
      </p>
    </header>
  );
}
