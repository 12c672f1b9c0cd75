import { useWords } from '../words/useWords';
import styles from './TemplateText.module.css';
import { templateParts } from './templateParts';

/** A message with its variable parts tinted: as a text block, or within a line. */
export function TemplateText({ text, isInline = false }: { text: string | null; isInline?: boolean }) {
  const { t } = useWords();
  if (text === null) return <i>{t('error.noMessage')}</i>;
  const parts = templateParts(text).map(({ text: part, isVariable }, index) =>
    isVariable ? (
      <span key={index} className={styles.variable} title={t('issue.variable')}>
        {part}
      </span>
    ) : (
      part
    ),
  );
  return isInline ? <code className={styles.inline}>{parts}</code> : <pre className={styles.template}>{parts}</pre>;
}
