import { Fragment } from 'react';
import type { Variable } from '../../api/issues';
import { number } from '../../format/number';
import { TemplateText } from '../../parts/TemplateText';
import { useWords } from '../../words/useWords';
import styles from './IssueValues.module.css';

/** `<number> 3 ×12 · 5 ×2 · and 4 others` */
export function ValuesLine({ variable }: { variable: Variable }) {
  const { t, lang } = useWords();
  const more = variable.different - variable.values.length;
  return (
    <li>
      <TemplateText text={variable.mark} variables={[variable]} isInline />{' '}
      {variable.values.map(({ value, messages }, index) => (
        <Fragment key={value}>
          {index > 0 && ' · '}
          {value === '' ? <i>{t('issue.noValue')}</i> : <code className={styles.value}>{value}</code>}{' '}
          <span className={styles.times}>×{number(messages, lang)}</span>
        </Fragment>
      ))}
      {more > 0 && ` · ${t('issue.moreValues', { count: more, told: number(more, lang) })}`}
    </li>
  );
}
