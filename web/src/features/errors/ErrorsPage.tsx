import { WithEnvironment } from '../../app/WithEnvironment';
import { ErrorsOf } from './ErrorsOf';

export function ErrorsPage() {
  return <WithEnvironment>{(environment) => <ErrorsOf environment={environment} />}</WithEnvironment>;
}
