import type { IssueAnswer } from '../../api/issues';
import { Category } from '../../parts/Category';
import columns from '../../parts/columns.module.css';
import { Evidence } from '../../parts/Evidence';
import { Knowledge } from '../../parts/Knowledge';
import { RunbookLink } from '../../parts/RunbookLink';
import { Section } from '../../parts/Section';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import styles from './IssueColumn.module.css';

/** Acts that take nothing more than a name. */
const COMMANDS = ['ack', 'assign', 'mute', 'resolve'] as const;

/** Who acts, what is known, and how to say what was done. */
export function IssueColumn({ answer }: { answer: IssueAnswer }) {
  const { t } = useWords();
  const word = useWord();
  const { issue, knowledge, explanation } = answer;
  return (
    <aside className={columns.column} aria-label={t('run.cause')}>
      <Section title={t('run.cause')}>
        <p className={styles.what}>
          <Category of={issue.category ?? 'unknown'} /> {issue.corrected && t('issue.corrected')}
        </p>
        <p>
          {issue.blame !== null && (
            <>
              {t('run.toActIs')} <b>{word('blame', issue.blame)}</b>
            </>
          )}
          {issue.retryable !== null && ` · ${t(issue.retryable ? 'run.retryable' : 'run.notRetryable')}`}
        </p>
        {issue.note !== null && <p>{issue.note}</p>}
        {issue.runbook !== null && <RunbookLink to={issue.runbook} />}
      </Section>
      {knowledge && <Knowledge known={[knowledge]} />}
      {explanation && <Evidence explanation={explanation} category={issue.category} />}
      <details className={styles.terminal}>
        <summary>{t('issue.terminal')}</summary>
        {COMMANDS.map((of) => (
          <pre key={of} className={styles.command}>
            {t(`issue.${of}`, { id: issue.id })}
          </pre>
        ))}
      </details>
    </aside>
  );
}
