import { Link } from '@tanstack/react-router';
import type { IssueAnswer } from '../../api/issues';
import { IssueState } from '../../parts/IssueState';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { TemplateText } from '../../parts/TemplateText';
import { useWords } from '../../words/useWords';
import styles from './SimilarIssues.module.css';

interface Props {
  /** The same problem elsewhere comes first. */
  issues: IssueAnswer['similar'];
  environment: string;
}

/** The same problem elsewhere, and problems that read alike; nothing where there are none. */
export function SimilarIssues({ issues, environment }: Props) {
  const { t } = useWords();
  if (issues.length === 0) return null;
  const about = (issue: Props['issues'][number]) =>
    [
      issue.environment === environment ? null : issue.environment,
      issue.family,
      issue.id,
      issue.same_problem ? t('issue.sameProblem') : null,
    ].filter((part) => part !== null);
  return (
    <Section title={t('issue.similar')}>
      <ul className={styles.list}>
        {issues.map((issue) => (
          <li key={issue.issue}>
            <IssueState of={issue.state} /> <span className={table.sub}>{about(issue).join(' · ')}</span>
            <Link to="/issues/$id" params={{ id: issue.issue }} className={styles.title}>
              <TemplateText text={issue.title} isInline />
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
