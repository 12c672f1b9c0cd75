import { AcknowledgeButton } from '../../acts/AcknowledgeButton';
import { useHeld } from '../../acts/useForeseen';
import type { Cause } from '../../api/night';
import { useSession } from '../../api/session';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';

type Named = NonNullable<Cause['places'][number]['issue']>;

/** What can be done about a cause, or what was: who deals with it, and that it is known or resolved. */
export function CauseAct({ issue }: { issue: Named }) {
  const { t, word } = useWords();
  const { data: session } = useSession();
  const held = useHeld().filter((of) => of.issue === issue.issue);
  const isHeld = held.some(({ act }) => act.kind === 'ack');
  const isUnknown = (issue.state === 'new' || issue.state === 'regressed') && !isHeld;
  const by = session?.name;
  return (
    <>
      {isUnknown ? (
        <AcknowledgeButton issue={issue} />
      ) : (
        <span>{word('issueState', isHeld ? 'ongoing' : issue.state)}</span>
      )}
      {isHeld && by != null && <div className={table.sub}>{t('issue.acknowledged', { by })}</div>}
      {issue.assignee !== null && <div className={table.sub}>{t('issue.assigned', { to: issue.assignee })}</div>}
    </>
  );
}
