import { useMediaQuery } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useIssueKeys } from '../../acts/useIssueKeys';
import type { Night } from '../../api/night';
import { NARROW } from '../../parts/narrow';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { CauseRow } from './CauseRow';
import { noCause } from './noCause';

/** One line for each cause: what it is, since when, what hangs on it, who acts. */
export function Causes({ night }: { night: Night }) {
  const { t } = useWords();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  useIssueKeys(night.causes.flatMap(({ places }) => places.flatMap(({ issue }) => issue ?? [])));
  const issues = (
    <Link to="/issues" search={{ environment: night.environment, day: night.business_day }}>
      {t('tonight.issues')} →
    </Link>
  );
  return (
    <Section title={t('tonight.causes')} {...(night.causes.length > 0 ? { aside: issues } : {})}>
      {night.causes.length === 0 ? (
        <p className={table.sub}>{t(`tonight.${noCause(night)}`)}</p>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th>{t('tonight.cause')}</th>
              <th>{t('tonight.since')}</th>
              <th className={`${table.number} ${table.secondary}`}>{t('tonight.touched')}</th>
              <th className={`${table.number} ${table.secondary}`}>{t('tonight.blocked')}</th>
              <th className={table.secondary}>{t('tonight.toAct')}</th>
              <th className={table.secondary}>
                <span className="hidden">{t('acts.label')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {night.causes.map((cause, index) => (
              <CauseRow key={index} cause={cause} night={night} isNarrow={isNarrow} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
