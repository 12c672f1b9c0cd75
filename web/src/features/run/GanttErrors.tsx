import { number } from '../../format/number';
import { Category } from '../../parts/Category';
import { ErrorText } from '../../parts/ErrorText';
import { Moment } from '../../parts/Moment';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import type { GanttLine } from './gantt';
import styles from './Gantt.module.css';

const SHOWN = 5;
const INDENT = 14;

/** The errors of a line, below it. */
export function GanttErrors({ line }: { line: GanttLine }) {
  const { t } = useWords();
  const lang = useLang();
  if (line.errors.length === 0) return null;
  const more = line.errors.length - SHOWN;
  return (
    <div role="row">
      <div role="cell" aria-colspan={5}>
        <ul className={styles.errors} style={{ marginLeft: line.depth * INDENT }}>
          {line.errors.slice(0, SHOWN).map((error, index) => (
            <li key={index}>
              <span aria-hidden>✕</span> <Moment at={error.moment} withSeconds /> <Category of={error.category} />
              {error.rows > 1 && <span> ×{number(error.rows, lang)}</span>}
              <ErrorText text={error.message} lines={3} canCopy />
            </li>
          ))}
          {more > 0 && <li>{t('run.more', { count: more, told: number(more, lang) })}</li>}
        </ul>
      </div>
    </div>
  );
}
