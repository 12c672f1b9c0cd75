import { Button } from '@mantine/core';
import { AcknowledgeButton } from '../../acts/AcknowledgeButton';
import { useActs } from '../../acts/useActs';
import { useIssueKeys } from '../../acts/useIssueKeys';
import type { Issue, IssueAnswer } from '../../api/issues';
import { useMay } from '../../api/session';
import { useWords } from '../../words/useWords';
import { AssignForm } from './AssignForm';
import styles from './IssueButtons.module.css';
import { MuteForm } from './MuteForm';
import { SayingButtons } from './SayingButtons';
import { TextForm } from './TextForm';

/** What can be done with it, for those who may. */
export function IssueButtons({ issue, signatures }: Pick<IssueAnswer, 'signatures'> & { issue: Issue }) {
  const { t } = useWords();
  const act = useActs();
  const may = useMay('operator');
  useIssueKeys([issue], true);
  if (!may) return null;
  const isOpen = issue.state !== 'resolved';
  return (
    <div className={styles.buttons} role="group" aria-label={t('acts.label')}>
      {isOpen && issue.acknowledged_by === null && <AcknowledgeButton issue={issue} size="compact-md" />}
      <AssignForm issue={issue} />
      {isOpen && issue.muted !== null && (
        <Button
          variant="default"
          size="compact-md"
          onClick={() => {
            act(issue, { kind: 'unmute' });
          }}
        >
          {t('acts.unmute')}
        </Button>
      )}
      {isOpen && <MuteForm issue={issue} />}
      <Button
        variant="default"
        size="compact-md"
        onClick={() => {
          act(issue, { kind: isOpen ? 'resolve' : 'reopen' });
        }}
      >
        {t(isOpen ? 'acts.resolve' : 'acts.reopen')}
      </Button>
      <TextForm issue={issue} kind="note" before={issue.note} />
      <TextForm issue={issue} kind="runbook" before={issue.runbook} />
      <SayingButtons issue={issue} signatures={signatures} />
    </div>
  );
}
