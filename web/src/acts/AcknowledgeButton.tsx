import { Button } from '@mantine/core';
import { useMay } from '../api/session';
import { useWords } from '../words/useWords';
import { useActs, type Named } from './useActs';
import { useHeld } from './useForeseen';

/** The first thing to do with what nobody looks after yet; nothing for those who may not. */
export function AcknowledgeButton({
  issue,
  size = 'compact-sm',
}: {
  issue: Named;
  size?: 'compact-sm' | 'compact-md';
}) {
  const { t } = useWords();
  const act = useActs();
  const may = useMay('operator');
  const isDone = useHeld().some((held) => held.issue === issue.issue && held.act.kind === 'ack');
  if (!may || isDone) return null;
  return (
    <Button
      variant="default"
      size={size}
      onClick={() => {
        act(issue, { kind: 'ack' });
      }}
    >
      {t('acts.ack')}
    </Button>
  );
}
