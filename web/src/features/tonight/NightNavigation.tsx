import { Link, useNavigate } from '@tanstack/react-router';
import { useAbout } from '../../api/about';
import type { Night } from '../../api/night';
import { useKeys } from '../../app/useKeys';
import { useTeller } from '../../app/useTeller';
import { night as nameOf } from '../../format/day';
import { Moment } from '../../parts/Moment';
import { useWords } from '../../words/useWords';
import { freshness } from './freshness';
import styles from './NightNavigation.module.css';

const MARKS = { fresh: 'now', silent: 'silent', past: 'past' } as const;

/** Which night, the ones beside it, and until when logs reach. */
export function NightNavigation({ night }: { night: Night }) {
  const { t } = useWords();
  const teller = useTeller();
  const navigate = useNavigate();
  const { data: about } = useAbout();
  const newest = about?.environments.find((of) => of.environment === night.environment)?.newest_day;
  const go = (day: string | null) => {
    if (day !== null) void navigate({ to: '/', search: { day } });
  };
  const fresh = freshness(night, teller.now);
  useKeys({
    p: () => {
      go(night.before);
    },
    n: () => {
      go(night.after);
    },
  });
  const arrow = (day: string | null, sign: string, label: string) =>
    day === null ? (
      <span aria-hidden className={styles.off}>
        {sign}
      </span>
    ) : (
      <Link to="/" search={{ day }} aria-label={label} title={label} className={styles.arrow}>
        {sign}
      </Link>
    );
  return (
    <div className={styles.day}>
      {arrow(night.before, '◀', t('help.earlier'))}
      <b>{nameOf(night.business_day, teller)}</b>
      {arrow(night.after, '▶', t('help.later'))}
      {night.after !== null && (
        <Link to="/" search={{ day: newest ?? night.after }}>
          {t('tonight.newest')}
        </Link>
      )}
      {night.last_event_at !== null && (
        <span className={styles.fresh}>
          <i aria-hidden className={styles[MARKS[fresh]]} />
          {t('tonight.lastLog')} <Moment at={night.last_event_at} withAge />
          <span className={fresh === 'silent' ? styles.overdue : 'hidden'}> · {t(`tonight.logs.${fresh}`)}</span>
        </span>
      )}
    </div>
  );
}
