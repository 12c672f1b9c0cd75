import { WithEnvironment } from '../../app/WithEnvironment';
import { RunsOf } from './RunsOf';

export function RunsPage() {
  return <WithEnvironment>{(environment) => <RunsOf environment={environment} />}</WithEnvironment>;
}
