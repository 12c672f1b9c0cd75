import { useNavigate, useSearch } from '@tanstack/react-router';
import { useJobs } from '../../api/jobs';
import { useTitle } from '../../app/useTitle';
import { ExportLinks } from '../../parts/ExportLinks';
import { FilterText } from '../../parts/FilterText';
import filters from '../../parts/filters.module.css';
import { More } from '../../parts/More';
import { Nothing } from '../../parts/Nothing';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Skeleton } from '../../parts/Skeleton';
import { useWords } from '../../words/useWords';
import { JobsSentence } from './JobsSentence';
import { JobsTable } from './JobsTable';
import { chosenJobs } from './chosenJobs';

export function JobsOf({ environment }: { environment: string }) {
  const { t } = useWords();
  const search = useSearch({ from: '/jobs' });
  const navigate = useNavigate();
  const jobs = useJobs(environment);
  useTitle(t('jobs.title'));
  const all = jobs.data?.pages.flatMap((page) => page.items) ?? [];
  const chosen = chosenJobs(all, search);
  return (
    <>
      {jobs.data ? <JobsSentence jobs={chosen} /> : <h1>{t('jobs.title')}</h1>}
      <div className={filters.bar}>
        <FilterText
          label={t('jobs.find')}
          hint={t('jobs.find')}
          value={search.q}
          choose={(q) => {
            void navigate({ to: '/jobs', search: (before) => ({ ...before, q }) });
          }}
        />
        <ExportLinks path="/api/v1/jobs" filter={{ environment }} />
      </div>
      {jobs.error && <ProblemPanel error={jobs.error} retry={() => void jobs.refetch()} />}
      {jobs.isPending && <Skeleton lines={14} height={700} />}
      {jobs.data && chosen.length === 0 && (
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
