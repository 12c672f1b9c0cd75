import { WithEnvironment } from '../../app/WithEnvironment';
import { IssuesOf } from './IssuesOf';

export function IssuesPage() {
  return <WithEnvironment>{(environment) => <IssuesOf environment={environment} />}</WithEnvironment>;
}
