import type { Variable } from '../../api/issues';
import { TemplateText } from '../../parts/TemplateText';
import { IssueValues } from './IssueValues';
import styles from './IssueText.module.css';

interface Props {
  title: string | null;
  template: string | null;
  variables: Variable[];
}

/** What its messages share, below the name that a person gave it, if somebody did; and what stands where they differ. */
export function IssueText({ title, template, variables }: Props) {
  const isRenamed = title !== null && template !== null && title !== template;
  return (
    <>
      {isRenamed && <h2 className={styles.name}>{title}</h2>}
      <TemplateText text={template ?? title} variables={variables} />
      <IssueValues variables={variables} />
    </>
  );
}
