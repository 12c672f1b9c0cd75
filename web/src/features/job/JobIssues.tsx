import { Link } from '@tanstack/react-router';
import { useIssues } from '../../api/issues';
import { runsOfJob, useJobRuns, type JobName } from '../../api/job';
import { IssuesTable } from '../../parts/IssuesTable';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import { Skeleton } from '../../parts/Skeleton';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { noIssue } from './noIssue';

const LISTED = 5;

interface Props {
  job: JobName;
  family: string;
  /** The system, where several have a job of this name. */
  system: string | undefined;
}

/** What fails in its family again and again, open issues first. */
export function JobIssues({ job, family, system }: Props) {
  const { environment } = job;
  const { t } = useWords();
  const search = { family, all: true };
  const issues = useIssues(environment, search);
  const { data: runs } = useJobRuns(job, system);
  const [page] = issues.data?.pages ?? [];
  if (!page) return issues.error ? <ProblemPanel error={issues.error} /> : <Skeleton lines={3} height={120} />;
  const all = (
    <>
      <Link to="/errors" search={runsOfJob(job, undefined)}>
        {t('errors.ofJob')} →
      </Link>
      {' · '}
      <Link to="/issues" search={{ environment, ...search }}>
        {t('job.allIssues')} →
      </Link>
    </>
  );
  return (
    <Section title={t('issues.title')} {...(page.items.length > 0 ? { aside: all } : {})}>
      {page.items.length === 0 ? (
        <p className={table.sub}>{runs && t(`job.${noIssue(runs)}`)}</p>
      ) : (
        <IssuesTable issues={page.items.slice(0, LISTED)} />
      )}
    </Section>
  );
}
