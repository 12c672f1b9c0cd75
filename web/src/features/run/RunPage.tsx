import { useParams } from '@tanstack/react-router';
import { useRun } from '../../api/run';
import { Answer } from '../../parts/Answer';
import { RunView } from './RunView';

export function RunPage() {
  const { key } = useParams({ from: '/runs/$key' });
  const run = useRun(key);
  return (
    <Answer query={run} lines={14} height={900} isPage>
      {(data) => <RunView answer={data} />}
    </Answer>
  );
}
