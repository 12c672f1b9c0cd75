import { Link } from '@tanstack/react-router';
import type { Named } from '../acts/useActs';
import { useWords } from '../words/useWords';

/** Leads to the page of an issue, by what people call its id. */
export function IssueLink({ issue }: { issue: Named }) {
  const { t } = useWords();
  return (
    <Link to="/issues/$id" params={{ id: issue.issue }}>
      {t('tonight.issue', { id: issue.id })}
    </Link>
  );
}
