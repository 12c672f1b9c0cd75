import type { ReactNode } from 'react';
import type { Override } from '../../api/access';
import { Moment } from '../../parts/Moment';
import table from '../../parts/table.module.css';
import { TemplateText } from '../../parts/TemplateText';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import styles from './settings.module.css';

/** One thing that was said; what was taken back stays in sight, struck through. */
export function DecisionRow({ one, children }: { one: Override; children: ReactNode }) {
  const { t } = useWords();
  const word = useWord();
  const to = [
    one.title,
    one.other_title,
    one.category === null ? null : word('category', one.category),
    one.blame === null ? null : word('blame', one.blame),
  ].filter((part) => part !== null);
  return (
    <tr>
      <td className={table.tight}>
        <Moment at={one.made_at} />
      </td>
      <td className={`${table.name} ${table.secondary}`}>{one.made_by}</td>
      <td>
        <span className={one.undone_at === null ? undefined : styles.undone}>
          {word('decision', one.kind)} {to.length > 0 && <b>{to.join(' · ')}</b>}
        </span>
        <div className={table.sub}>
          <TemplateText text={one.problem_title ?? one.problem} isInline />
        </div>
      </td>
      <td className={table.number}>
        {one.undone_at === null ? (
          children
        ) : (
          <span className={table.sub}>
            {t('settings.takenBack', { by: one.undone_by ?? '?' })} <Moment at={one.undone_at} />
          </span>
        )}
      </td>
    </tr>
  );
}
