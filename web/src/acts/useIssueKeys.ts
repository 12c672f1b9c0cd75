import { useKeys } from '../app/useKeys';
import type { Issue } from '../api/issues';
import { useMay, useSession } from '../api/session';
import { heldActs } from './held';
import { useActs, type Named } from './useActs';

/** What is known of it where it is listed. */
type Listed = Named & Partial<Pick<Issue, 'state' | 'acknowledged_by' | 'assignee'>>;

/** The issue whose row has the focus, by its id. */
const focused = () =>
  document.activeElement instanceof HTMLElement ? document.activeElement.dataset.issue : undefined;

const isDone = ({ issue }: Named, kind: 'ack' | 'assign') =>
  heldActs.now().some((held) => held.issue === issue && held.act.kind === kind);

/** `e` acknowledges the issue of the row that has the focus, `a` takes it over; where only one is shown, that. */
export function useIssueKeys(issues: Listed[], isOnlyOne = false) {
  const act = useActs();
  const may = useMay('operator');
  const { data: session } = useSession();
  const chosen = () => (isOnlyOne ? issues[0] : issues.find(({ issue }) => issue === focused()));
  useKeys({
    e: () => {
      const issue = chosen();
      const isKnown = issue?.state === 'resolved' || issue?.acknowledged_by != null;
      if (may && issue && !isKnown && !isDone(issue, 'ack')) act(issue, { kind: 'ack' });
    },
    a: () => {
      const issue = chosen();
      const name = session?.name;
      if (!may || !issue || name == null || issue.assignee === name || isDone(issue, 'assign')) return;
      act(issue, { kind: 'assign', text: name });
    },
  });
}
