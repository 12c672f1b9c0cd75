import type { JobAnswer, JobName } from '../../api/job';
import { useOfEnvironment } from '../../app/useOfEnvironment';
import { useTitle } from '../../app/useTitle';
import { CatalogueForm } from './CatalogueForm';
import { JobHead } from './JobHead';
import { JobHistory } from './JobHistory';
import { JobIssues } from './JobIssues';
import { JobNights } from './JobNights';
import { JobSteps } from './JobSteps';

export function JobView({ answer, name }: { answer: JobAnswer; name: JobName }) {
  useTitle(name.job);
  useOfEnvironment(name.environment);
  const [first] = answer.jobs;
  if (!first) return null;
  const told = (system: string) => (answer.jobs.length === 1 ? undefined : system);
  return (
    <article>
      {answer.jobs.map((job, index) => (
        <JobHead key={job.system} job={job} isFirst={index === 0}>
          <CatalogueForm job={job} name={name} tag={answer.tags[index]} />
        </JobHead>
      ))}
      {answer.jobs.map(({ system, usual_duration_ms: usual, p95_duration_ms: p95 }) => (
        <JobHistory key={system} name={name} system={told(system)} usual={usual} p95={p95} />
      ))}
      {answer.jobs.map((job, index) => (
        <JobNights key={job.system} job={job} name={name} isFirst={index === 0} isOnly={answer.jobs.length === 1} />
      ))}
      {answer.jobs.map(
        ({ system, last_run_key: key }) => key !== null && <JobSteps key={key} runKey={key} system={told(system)} />,
      )}
      <JobIssues job={name} family={first.family} system={told(first.system)} />
    </article>
  );
}
