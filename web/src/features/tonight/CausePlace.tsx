import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { Cause, Night } from '../../api/night';
import { number } from '../../format/number';
import { IssueLink } from '../../parts/IssueLink';
import { Moment } from '../../parts/Moment';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';

type Place = Cause['places'][number];

const ROOTS_SHOWN = 3;

interface Props {
  place: Place;
  night: Night;
  /** Then the moment stands with the cause already. */
  isOnlyOne: boolean;
  /** It stands for the row: `j` and `k` come here. */
  isFirst: boolean;
}

/** `charge_stocks › tDBInput_1 · then nuit_principale · 4 jobs blocked` */
export function CausePlace({ place, night, isOnlyOne, isFirst }: Props) {
  const { t } = useWords();
  const lang = useLang();
  const others = place.roots.filter((root) => root !== place.job);
  const more = Math.max(0, others.length - ROOTS_SHOWN) + place.roots_more;
  const row = { 'data-row': '', 'data-issue': place.issue?.issue };
  const runs = (job: string, isRow: boolean) => (
    <Link to="/runs" search={{ job, day: night.business_day, all: true }} {...(isRow ? row : {})}>
      {job}
    </Link>
  );
  return (
    <div className={table.sub}>
      {place.job !== null && runs(place.job, isFirst)}
      {place.step !== null && <> › {place.step}</>}
      {!isOnlyOne && (
        <>
          {' · '}
          <Moment at={place.first_at} night={night.business_day} />
        </>
      )}
      {others.length > 0 && (
        <>
          {' · '}
          {t('tonight.then')}{' '}
          {others.slice(0, ROOTS_SHOWN).map((root, index) => (
            <Fragment key={root}>
              {index > 0 && ', '}
              {runs(root, false)}
            </Fragment>
          ))}
          {more > 0 && ` + ${number(more, lang)}`}
        </>
      )}
      {place.issue !== null && (
        <>
          {' · '}
          <IssueLink issue={place.issue} />
        </>
      )}
      {place.blocked.length > 0 && (
        <>
          {' · '}
          <span title={place.blocked.join(', ')}>
            {t('tonight.blockedJobs', { count: place.blocked.length, told: number(place.blocked.length, lang) })}
          </span>
        </>
      )}
    </div>
  );
}
