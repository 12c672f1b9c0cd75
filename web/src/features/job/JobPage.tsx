import { useParams } from '@tanstack/react-router';
import { useJob } from '../../api/job';
import { Answer } from '../../parts/Answer';
import { JobView } from './JobView';

export function JobPage() {
  const name = useParams({ from: '/jobs/$environment/$project/$job' });
  const job = useJob(name);
  return (
    <Answer query={job} lines={14} height={800} isPage>
      {(data) => <JobView answer={data} name={name} />}
    </Answer>
  );
}
