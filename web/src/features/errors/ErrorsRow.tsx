import { Link } from '@tanstack/react-router';
import type { ErrorFacts } from '../../api/errors';
import { NONE } from '../../format/number';
import { Category } from '../../parts/Category';
import { Moment } from '../../parts/Moment';
import table from '../../parts/table.module.css';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import styles from './ErrorsRow.module.css';
import { shortId } from './shortId';

/** One error: when, in which run and step, what it means and what was written. */
export function ErrorsRow({ error }: { error: ErrorFacts }) {
  const { t } = useWords();
  const word = useWord();
  const { run_key: key, issue, message } = error;
  const asides = [
    error.severity === 'warning' ? t('errors.warning') : null,
    error.corrected ? t('issue.corrected') : null,
    error.message_truncated ? t('quality.message_truncated') : null,
  ].filter((aside) => aside !== null);
  return (
    <tr>
      <td className={styles.when}>
        <Moment at={error.moment} />
      </td>
      <td className={styles.job}>
        {key === null ? (
          error.job
        ) : (
          <Link to="/runs/$key" params={{ key }} data-row="">
            {error.job}
          </Link>
        )}{' '}
        {error.step !== null && <span className={table.sub}>› {error.step}</span>}
      </td>
      <td className={styles.error}>
        <Category of={error.category ?? 'unknown'} />{' '}
        <span className={table.sub}>
          {issue !== null && (
            <Link to="/issues/$id" params={{ id: issue }} data-row={key === null ? '' : undefined}>
              {t('tonight.issue', { id: shortId(issue) })}
            </Link>
          )}
          {asides.map((aside) => ` · ${aside}`)}
        </span>
        {message === null ? (
          <div className={table.sub}>{t('error.noMessage')}</div>
        ) : (
          <code className={styles.message} title={message}>
            {message}
          </code>
        )}
      </td>
      <td className={`${table.tight} ${table.secondary}`}>
        {error.blame === null ? NONE : word('blame', error.blame)}
      </td>
    </tr>
  );
}
