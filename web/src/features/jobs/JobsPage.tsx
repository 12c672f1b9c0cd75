import { WithEnvironment } from '../../app/WithEnvironment';
import { JobsOf } from './JobsOf';

export function JobsPage() {
  return <WithEnvironment>{(environment) => <JobsOf environment={environment} />}</WithEnvironment>;
}
