import { AcknowledgeButton } from '../../acts/AcknowledgeButton';
import type { Cause } from '../../api/night';

type Named = NonNullable<Cause['places'][number]['issue']>;

/** What can be done about a cause. */
export function CauseAct({ issue }: { issue: Named }) {
  const isUnknown = issue.state === 'new' || issue.state === 'regressed';
  return isUnknown && <AcknowledgeButton issue={issue} />;
}
