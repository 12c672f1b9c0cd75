import { useIssueKeys } from '../acts/useIssueKeys';
import type { Issue } from '../api/issues';
import { useWords } from '../words/useWords';
import table from './table.module.css';
import { IssuesRow } from './IssuesRow';

export function IssuesTable({ issues }: { issues: Issue[] }) {
  const { t } = useWords();
  useIssueKeys(issues);
  return (
    <div className={table.wide}>
      <table className={table.table}>
        <thead>
          <tr>
            <th className={table.folded}>{t('issues.state')}</th>
            <th>{t('issues.issue')}</th>
            <th className={table.secondary}>{t('jobs.nights')}</th>
            <th className={`${table.number} ${table.secondary}`}>{t('issues.runs')}</th>
            <th>{t('issues.lastSeen')}</th>
            <th className={table.secondary}>{t('issues.firstSeen')}</th>
            <th className={table.secondary}>{t('tonight.toAct')}</th>
            <th className={table.secondary}>
              <span className="hidden">{t('acts.label')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {issues.map((issue) => (
            <IssuesRow key={issue.issue} issue={issue} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
