import { Link } from '@tanstack/react-router';
import { AcknowledgeButton } from '../acts/AcknowledgeButton';
import { useForeseen } from '../acts/useForeseen';
import type { Issue } from '../api/issues';
import { useTeller } from '../app/useTeller';
import { number } from '../format/number';
import { useWords } from '../words/useWords';
import { Category } from './Category';
import { IssueState } from './IssueState';
import { Moment } from './Moment';
import { mutedTold } from './mutedTold';
import { Sparkline } from './Sparkline';
import { TemplateText } from './TemplateText';
import table from './table.module.css';
import { useWord } from '../words/useWord';
import styles from './IssuesRow.module.css';

export function IssuesRow({ issue: stored }: { issue: Issue }) {
  const issue = useForeseen(stored);
  const { t } = useWords();
  const word = useWord();
  const teller = useTeller();
  const { lang } = teller;
  const asides = [
    issue.family,
    issue.id,
    mutedTold(issue, teller, t),
    issue.regressions === 0
      ? null
      : t('issues.regressions', { count: issue.regressions, told: number(issue.regressions, lang) }),
  ].filter((aside) => aside !== null);
  return (
    <tr>
      <td className={table.tight}>
        <IssueState of={issue.state} />
      </td>
      <td className={styles.issue}>
        <Category of={issue.category ?? 'unknown'} /> <span className={table.sub}>{asides.join(' · ')}</span>
        <Link
          to="/issues/$id"
          params={{ id: issue.issue }}
          data-row=""
          data-issue={issue.issue}
          className={styles.title}
        >
          <TemplateText text={issue.title} isInline />
        </Link>
      </td>
      <td className={`${table.tight} ${table.secondary}`}>
        <Sparkline counts={issue.sparkline} />
      </td>
      <td className={`${table.number} ${table.secondary}`}>{number(issue.runs, lang)}</td>
      <td className={table.tight}>
        <Moment at={issue.last_seen} />
      </td>
      <td className={`${table.tight} ${table.secondary}`}>
        <Moment at={issue.first_seen} />
      </td>
      <td className={table.secondary}>
        {issue.blame === null ? '–' : word('blame', issue.blame)}
        {issue.assignee !== null && <div className={table.sub}>{issue.assignee}</div>}
        {issue.assignee === null && issue.acknowledged_by !== null && (
          <div className={table.sub}>{issue.acknowledged_by}</div>
        )}
      </td>
      <td className={`${table.tight} ${table.secondary}`}>
        {issue.state !== 'resolved' && issue.acknowledged_by === null && <AcknowledgeButton issue={issue} />}
      </td>
    </tr>
  );
}
