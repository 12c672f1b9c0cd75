import { Link } from '@tanstack/react-router';
import { AcknowledgeButton } from '../../acts/AcknowledgeButton';
import type { RunAnswer } from '../../api/run';
import { Category } from '../../parts/Category';
import { ErrorText } from '../../parts/ErrorText';
import { Evidence } from '../../parts/Evidence';
import { IssueLink } from '../../parts/IssueLink';
import { IssueState } from '../../parts/IssueState';
import { JobFacts } from '../../parts/JobFacts';
import { Knowledge } from '../../parts/Knowledge';
import { Section } from '../../parts/Section';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import styles from './CauseColumn.module.css';

/** Why it failed, who acts, what to look at first. */
export function CauseColumn({ answer }: { answer: RunAnswer }) {
  const { t } = useWords();
  const word = useWord();
  const { run, explanation, catalogue, issue } = answer;
  const { cause } = run;
  const isElsewhere = cause?.run_key != null && cause.run_key !== run.run_key;
  const isUnknown = issue?.state === 'new' || issue?.state === 'regressed';
  return (
    <aside className={styles.column} aria-label={t('run.cause')}>
      <Section title={t('run.cause')}>
        {cause === null ? (
          <p className={styles.quiet}>{t('run.noCause')}</p>
        ) : (
          <>
            <p className={styles.what}>
              <Category of={cause.category} />
              {cause.job !== null && (
                <span>
                  {' '}
                  {t('run.in')} {cause.job}
                  {cause.step !== null && ` › ${cause.step}`}
                </span>
              )}
            </p>
            <ErrorText text={cause.message} lines={6} canCopy />
            {issue && (
              <p className={styles.issue}>
                <IssueLink issue={issue} /> <IssueState of={issue.state} />{' '}
                {isUnknown && <AcknowledgeButton issue={issue} />}
              </p>
            )}
            {isElsewhere && (
              <p>
                <Link to="/runs/$key" params={{ key: cause.run_key ?? '' }}>
                  {t('run.goToCause')} →
                </Link>
              </p>
            )}
            <p>
              {cause.blame !== null && (
                <>
                  {t('run.toActIs')} <b>{word('blame', cause.blame)}</b>
                </>
              )}
              {cause.retryable !== null && ` · ${t(cause.retryable ? 'run.retryable' : 'run.notRetryable')}`}
            </p>
            <p>
              <Link to="/errors" search={{ environment: run.environment, run: run.run_key }}>
                {t('errors.ofRun')} →
              </Link>
            </p>
          </>
        )}
        {catalogue && <JobFacts catalogue={catalogue} />}
      </Section>
      {explanation && <Knowledge known={explanation.knowledge} />}
      {explanation && <Evidence explanation={explanation} category={cause?.category} />}
      {run.quality_reasons.length > 0 && (
        <Section title={t('run.quality')}>
          <ul>
            {run.quality_reasons.map((reason) => (
              <li key={reason}>{word('quality', reason)}</li>
            ))}
          </ul>
        </Section>
      )}
    </aside>
  );
}
