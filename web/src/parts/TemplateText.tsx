import type { Variable } from '../api/issues';
import { useWords } from '../words/useWords';
import styles from './TemplateText.module.css';
import { templateParts } from './templateParts';
import { valuesTold, variablesOf } from './variables';

interface Props {
  text: string | null;
  isInline?: boolean;
  /** What stands in its variable parts. */
  variables?: Variable[];
}

/** A message with its variable parts tinted: as a text block, or within a line. */
export function TemplateText({ text, isInline = false, variables = [] }: Props) {
  const { t, lang } = useWords();
  if (text === null) return <i>{t('error.noMessage')}</i>;
  const cut = templateParts(text);
  const placed = variablesOf(cut, variables);
  const parts = cut.map(({ text: part, isVariable }, index) =>
    isVariable ? (
      <span key={index} className={styles.variable} title={valuesTold(placed.get(index), lang) ?? t('issue.variable')}>
        {part}
      </span>
    ) : (
      part
    ),
  );
  return isInline ? <code className={styles.inline}>{parts}</code> : <pre className={styles.template}>{parts}</pre>;
}
