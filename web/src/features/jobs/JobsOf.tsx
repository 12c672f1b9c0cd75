import { useSearch } from '@tanstack/react-router';
import { useJobs } from '../../api/jobs';
import { useTitle } from '../../app/useTitle';
import { More } from '../../parts/More';
import { Nothing } from '../../parts/Nothing';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Skeleton } from '../../parts/Skeleton';
import { useWhole } from '../../parts/useWhole';
import { useWords } from '../../words/useWords';
import { JobsFilters } from './JobsFilters';
import { JobsSentence } from './JobsSentence';
import { JobsTable } from './JobsTable';
import { chosenJobs } from './chosenJobs';

export function JobsOf({ environment }: { environment: string }) {
  const { t } = useWords();
  const search = useSearch({ from: '/jobs' });
  const jobs = useJobs(environment, search);
  useWhole(jobs);
  useTitle(t('jobs.title'));
  const all = jobs.data?.pages.flatMap((page) => page.items) ?? [];
  const chosen = chosenJobs(all, search);
  return (
    <>
      {jobs.data ? <JobsSentence jobs={chosen} hasMore={jobs.hasNextPage} /> : <h1>{t('jobs.title')}</h1>}
      <JobsFilters environment={environment} search={search} />
      {jobs.error && <ProblemPanel error={jobs.error} retry={() => void jobs.refetch()} />}
      {jobs.isPending && <Skeleton lines={14} height={700} />}
      {jobs.data && chosen.length === 0 && !jobs.hasNextPage && (
        <Nothing
          title={t('jobs.none')}
          {...(search.q === undefined ? {} : { what: t('jobs.noneWhat', { text: search.q }) })}
        />
      )}
      {chosen.length > 0 && <JobsTable jobs={chosen} environment={environment} sort={search.sort} />}
      <More query={jobs} />
    </>
  );
}
