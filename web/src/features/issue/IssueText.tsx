import type { Variable } from '../../api/issues';
import { TemplateText } from '../../parts/TemplateText';
import { IssueValues } from './IssueValues';

interface Props {
  title: string | null;
  template: string | null;
  variables: Variable[];
}

/** What its messages share, and what stands where they differ. */
export function IssueText({ title, template, variables }: Props) {
  return (
    <>
      <TemplateText text={template ?? title} variables={variables} />
      <IssueValues variables={variables} />
    </>
  );
}
