import { Link } from '@tanstack/react-router';
import { useTeller } from '../../app/useTeller';
import { optionDuration } from '../../format/duration';
import { optionNumber } from '../../format/number';
import { place, range, type Stretch } from '../../parts/stretch';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import type { GanttLine } from './gantt';
import bars from '../../parts/bars.module.css';
import styles from './Gantt.module.css';

const INDENT = 14;
const LOOKS: Record<string, string> = {
  success: 'ok',
  success_with_errors: 'warned',
  success_with_warnings: 'warned',
  failed: 'failed',
  lost: 'lost',
  running: 'running',
};

export function GanttRow({ line, stretch, begin }: { line: GanttLine; stretch: Stretch; begin: number }) {
  const { t } = useWords();
  const word = useWord();
  const { lang } = useTeller();
  const isRun = line.kind === 'run';
  const isMissing = isRun && line.node.missing;
  const { offset_ms: offset, length_ms: length } = isRun ? line.node : line.step;
  const state = isRun ? line.node.run.outcome : (line.step.status ?? 'none');
  const facts = isRun ? line.node.run : line.step;
  const ghost = isRun ? line.node.last_good : null;
  const name = isRun ? line.node.run.job : line.step.step;
  const took = isMissing ? null : facts.duration_ms;
  const rows = isMissing ? null : (facts.rows_out ?? facts.rows_in);
  return (
    <div className={`${styles.row} ${isRun ? styles.run : styles.step}`} role="row">
      <span role="cell" className={styles.name} style={{ paddingLeft: line.depth * INDENT }} title={name}>
        {isRun && line.depth > 0 ? (
          <Link to="/runs/$key" params={{ key: line.node.run.run_key }} data-row="">
            {name}
          </Link>
        ) : (
          name
        )}
      </span>
      <span role="cell" className={styles.track}>
        <span className="hidden">{isMissing ? t('run.missing') : word('outcome', state)}</span>
        {ghost && (
          <i
            className={`${bars.usual} ${styles.ghost}`}
            style={range(ghost.offset_ms, ghost.offset_ms + ghost.length_ms, stretch)}
          />
        )}
        {!isMissing && offset !== null && length !== null && (
          <i
            className={`${bars.bar} ${styles.bar} ${bars[LOOKS[state] ?? 'other']}`}
            style={range(offset, offset + length, stretch)}
          />
        )}
        {isMissing && <em>{t('run.missing')}</em>}
        {line.errors.map((error, index) =>
          error.moment === null ? null : (
            <b key={index} aria-hidden style={{ left: `${place(Date.parse(error.moment) - begin, stretch)}%` }}>
              ✕
            </b>
          ),
        )}
      </span>
      <span role="cell">{optionDuration(took, lang)}</span>
      <span role="cell" className={styles.extra}>
        {ghost ? optionDuration(ghost.duration_ms, lang) : ''}
      </span>
      <span role="cell" className={styles.extra}>
        {rows === null ? '' : optionNumber(rows, lang)}
      </span>
    </div>
  );
}
