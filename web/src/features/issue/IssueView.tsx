import { useForeseen } from '../../acts/useForeseen';
import { useAbout } from '../../api/about';
import type { IssueAnswer } from '../../api/issues';
import { useOfEnvironment } from '../../app/useOfEnvironment';
import { useTitle } from '../../app/useTitle';
import columns from '../../parts/columns.module.css';
import { DayBars } from '../../parts/DayBars';
import { Section } from '../../parts/Section';
import { useWords } from '../../words/useWords';
import { IssueButtons } from './IssueButtons';
import { IssueActs } from './IssueActs';
import { IssueColumn } from './IssueColumn';
import { IssueExample } from './IssueExample';
import { IssueHead } from './IssueHead';
import { IssueRuns } from './IssueRuns';
import { IssueText } from './IssueText';
import { SimilarIssues } from './SimilarIssues';

export function IssueView({ answer }: { answer: IssueAnswer }) {
  const { t } = useWords();
  const { data: about } = useAbout();
  const issue = useForeseen(answer.issue);
  useOfEnvironment(issue.environment);
  useTitle(`${issue.family} · ${issue.id}`);
  const newest = about?.environments.find((of) => of.environment === issue.environment)?.newest_day;
  return (
    <article>
      <IssueHead issue={issue}>
        <IssueText title={issue.title} template={answer.template} variables={answer.variables} />
      </IssueHead>
      <IssueButtons issue={issue} signatures={answer.signatures} />
      <div className={columns.columns}>
        <div className={columns.main}>
          {newest !== undefined && (
            <Section title={t('issue.nights', { count: issue.sparkline.length })}>
              <DayBars counts={issue.sparkline} last={newest} environment={issue.environment} />
            </Section>
          )}
          {answer.example && <IssueExample example={answer.example} />}
          <IssueRuns runs={answer.last_runs} issue={issue} />
          <SimilarIssues issues={answer.similar} environment={issue.environment} />
          <IssueActs acts={answer.acts} />
        </div>
        <IssueColumn answer={{ ...answer, issue }} />
      </div>
    </article>
  );
}
