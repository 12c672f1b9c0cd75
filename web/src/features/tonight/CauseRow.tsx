import type { Cause, Night } from '../../api/night';
import { number } from '../../format/number';
import { Category } from '../../parts/Category';
import { ErrorText } from '../../parts/ErrorText';
import { lostTime } from '../../parts/lostTime';
import { Moment } from '../../parts/Moment';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { CauseAct } from './CauseAct';
import { CausePlace } from './CausePlace';
import styles from './CauseRow.module.css';

const PLACES_SHOWN = 3;

interface Props {
  cause: Cause;
  night: Night;
  /** Then there is no room for columns of their own for who acts and what can be done. */
  isNarrow: boolean;
}

export function CauseRow({ cause, night, isNarrow }: Props) {
  const { t, lang, word } = useWords();
  const lost = lostTime(cause.lost_ms, { t, lang });
  const blocked = new Set(cause.places.flatMap((place) => place.blocked)).size;
  const more = cause.places.length - PLACES_SHOWN;
  const isOpen = cause.open > 0;
  const issue = cause.places.find((place) => place.issue !== null)?.issue;
  // What stands in columns of their own where there is room.
  const sums = [
    cause.blame === null ? null : t('tonight.toActIs', { who: word('blame', cause.blame) }),
    cause.retryable === true ? t('tonight.retryable') : null,
    t('tonight.touchedJobs', { count: cause.jobs, told: number(cause.jobs, lang) }),
    blocked === 0 ? null : t('tonight.blockedJobs', { count: blocked, told: number(blocked, lang) }),
  ].filter((sum) => sum !== null);
  return (
    <tr>
      <td className={styles.cause}>
        <Category of={cause.category} />{' '}
        <span className={isOpen ? styles.open : styles.done}>{t(isOpen ? 'tonight.open' : 'tonight.recovered')}</span>
        {lost !== null && <span className={table.sub}> · {lost}</span>}
        <ErrorText text={cause.message} lines={2} />
        {cause.places.slice(0, PLACES_SHOWN).map((place, index) => (
          <CausePlace
            key={index}
            place={place}
            night={night}
            isOnlyOne={cause.places.length === 1}
            isFirst={index === 0}
          />
        ))}
        {more > 0 && (
          <div className={table.sub}>{t('tonight.morePlaces', { count: more, told: number(more, lang) })}</div>
        )}
        {isNarrow && (
          <div className={styles.second}>
            <span className={table.sub}>{sums.join(' · ')}</span>
            {issue && <CauseAct issue={issue} />}
          </div>
        )}
      </td>
      <td className={table.tight}>
        <Moment at={cause.first_at} night={night.business_day} />
      </td>
      <td className={`${table.number} ${table.secondary}`}>{number(cause.jobs, lang)}</td>
      <td className={`${table.number} ${table.secondary}`}>{number(blocked, lang)}</td>
      <td className={table.secondary}>
        {cause.blame === null ? '–' : word('blame', cause.blame)}
        {cause.retryable === true && <div className={table.sub}>{t('tonight.retryable')}</div>}
      </td>
      <td className={`${table.tight} ${table.secondary}`}>{issue && !isNarrow && <CauseAct issue={issue} />}</td>
    </tr>
  );
}
