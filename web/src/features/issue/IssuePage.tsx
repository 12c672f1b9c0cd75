import { useParams } from '@tanstack/react-router';
import { useIssue } from '../../api/issues';
import { Answer } from '../../parts/Answer';
import { IssueView } from './IssueView';

export function IssuePage() {
  const { id } = useParams({ from: '/issues/$id' });
  const issue = useIssue(id);
  return (
    <Answer query={issue} lines={14} height={800} isPage>
      {(data) => <IssueView answer={data} />}
    </Answer>
  );
}
