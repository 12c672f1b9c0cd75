import { Link } from '@tanstack/react-router';
import type { Issue, RunLink } from '../../api/issues';
import { useTeller } from '../../app/useTeller';
import { shortDay } from '../../format/day';
import { optionDuration } from '../../format/duration';
import { isOfOtherDay } from '../../format/moment';
import { number } from '../../format/number';
import { Moment } from '../../parts/Moment';
import { Section } from '../../parts/Section';
import { State } from '../../parts/State';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';

/** The last runs in which it occurred; its errors are on their page. */
export function IssueRuns({ runs, issue }: { runs: RunLink[]; issue: Issue }) {
  const total = issue.runs;
  const { t } = useWords();
  const teller = useTeller();
  const told = { shown: number(runs.length, teller.lang), total: number(total, teller.lang) };
  const asidesOf = ({ started_at: at, business_day: day, job_version: version }: RunLink) => [
    ...(isOfOtherDay(at, day, teller) ? [t('runs.ofDay', { day: shortDay(day, teller) })] : []),
    ...(version === null ? [] : [t('run.version', { version })]),
  ];
  const errors = (
    <Link to="/errors" search={{ environment: issue.environment, issue: issue.issue }}>
      {t('errors.ofIssue')} →
    </Link>
  );
  return (
    <Section
      title={runs.length < total ? t('issue.lastRuns', told) : t('issue.allRuns', { count: total })}
      aside={errors}
    >
      <table className={`${table.table} ${table.dense}`}>
        <thead>
          <tr>
            <th className={table.folded}>{t('runs.result')}</th>
            <th>{t('runs.job')}</th>
            <th>{t('runs.started')}</th>
            <th className={table.number}>{t('runs.took')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run_key}>
              <td className={table.tight}>
                <State of={run.outcome} />
              </td>
              <td className={table.name}>
                <Link to="/runs/$key" params={{ key: run.run_key }} data-row="">
                  {run.job}
                </Link>
                <div className={table.sub}>{asidesOf(run).join(' · ')}</div>
              </td>
              <td className={table.tight}>
                <Moment at={run.started_at} withDay />
              </td>
              <td className={`${table.number} ${table.tight}`}>{optionDuration(run.duration_ms, teller.lang)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
