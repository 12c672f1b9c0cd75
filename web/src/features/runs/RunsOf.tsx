import { useSearch } from '@tanstack/react-router';
import { runsFilter, useRuns } from '../../api/runs';
import { useTitle } from '../../app/useTitle';
import { More } from '../../parts/More';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Skeleton } from '../../parts/Skeleton';
import { useWords } from '../../words/useWords';
import { NoRuns } from './NoRuns';
import { RunsFilters } from './RunsFilters';
import { RunsSentence } from './RunsSentence';
import { RunsTable } from '../../parts/RunsTable';

export function RunsOf({ environment }: { environment: string }) {
  const { t } = useWords();
  const search = useSearch({ from: '/runs' });
  const runs = useRuns(environment, search);
  useTitle(t('runs.title'));
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {runs.data ? (
        <RunsSentence runs={items} hasMore={runs.hasNextPage} search={search} />
      ) : (
        <h1>{t('runs.title')}</h1>
      )}
      <RunsFilters search={search} filter={runsFilter(environment, search)} />
      {runs.error && <ProblemPanel error={runs.error} retry={() => void runs.refetch()} />}
      {runs.isPending && <Skeleton lines={12} height={600} />}
      {runs.data && items.length === 0 && <NoRuns />}
      {items.length > 0 && <RunsTable runs={items} hasDays={search.day === undefined} />}
      <More query={runs} />
    </>
  );
}
