import { Link, useSearch } from '@tanstack/react-router';
import { issuesFilter, useIssues } from '../../api/issues';
import { useSession } from '../../api/session';
import { useTitle } from '../../app/useTitle';
import { More } from '../../parts/More';
import { Nothing } from '../../parts/Nothing';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Skeleton } from '../../parts/Skeleton';
import { useWords } from '../../words/useWords';
import { IssuesFilters } from './IssuesFilters';
import { IssuesSentence } from './IssuesSentence';
import { IssuesTable } from '../../parts/IssuesTable';

export function IssuesOf({ environment }: { environment: string }) {
  const { t } = useWords();
  const search = useSearch({ from: '/issues' });
  const { data: session } = useSession();
  const me = session?.name;
  const issues = useIssues(environment, search);
  useTitle(t('issues.title'));
  const items = issues.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {issues.data ? (
        <IssuesSentence issues={items} hasMore={issues.hasNextPage} search={search} />
      ) : (
        <h1>{t('issues.title')}</h1>
      )}
      <IssuesFilters search={search} filter={issuesFilter(environment, search, me)} me={me} />
      {issues.error && <ProblemPanel error={issues.error} retry={() => void issues.refetch()} />}
      {issues.isPending && <Skeleton lines={12} height={600} />}
      {issues.data && items.length === 0 && (
        <Nothing title={t('issues.none')} what={t('issues.noneWhat')}>
          <Link to="/issues" search={{ all: true }}>
            {t('issues.showAll')}
          </Link>
        </Nothing>
      )}
      {items.length > 0 && <IssuesTable issues={items} />}
      <More query={issues} />
    </>
  );
}
