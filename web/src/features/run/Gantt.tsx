import { useMediaQuery } from '@mantine/hooks';
import { Fragment } from 'react';
import type { Tree } from '../../api/run';
import { useTeller } from '../../app/useTeller';
import { clockSeconds, clockTime, local } from '../../format/local';
import { place } from '../../parts/stretch';
import { ticks } from '../../parts/ticks';
import { NARROW } from '../../parts/narrow';
import { useWords } from '../../words/useWords';
import { ganttLines, ganttStretch } from './gantt';
import styles from './Gantt.module.css';
import { GanttErrors } from './GanttErrors';
import { GanttRow } from './GanttRow';

const TICKS = 6;
const TICKS_NARROW = 2;
/** Below this, marks have seconds. */
const SHORT_MS = 300_000;

/** Steps and child runs on one axis, with the last good run as thin ghosts and errors pinned where they struck. */
export function Gantt({ tree, withAllSteps }: { tree: Tree; withAllSteps: boolean }) {
  const { t } = useWords();
  const teller = useTeller();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const lines = ganttLines(tree.nodes, withAllSteps);
  const stretch = ganttStretch(tree.nodes);
  const begin = Date.parse(tree.nodes[0]?.run.started_at ?? '');
  const clock = { from: begin + stretch.from, until: begin + stretch.until };
  const at = (tick: number) => {
    const told = local(tick, teller.zone);
    if (!told) return '';
    return stretch.until - stretch.from < SHORT_MS ? clockSeconds(told) : clockTime(told);
  };
  return (
    <>
      <div className={styles.gantt} role="table" aria-label={t('run.gantt')}>
        <div className={`${styles.row} ${styles.head}`} role="row">
          <span role="columnheader">{t('run.name')}</span>
          <span role="columnheader" className={styles.track}>
            {!Number.isNaN(begin) &&
              ticks(clock, teller.zone, isNarrow ? TICKS_NARROW : TICKS).map((tick) => (
                <i key={tick} style={{ left: `${place(tick, clock)}%` }}>
                  {at(tick)}
                </i>
              ))}
          </span>
          <span role="columnheader">{t('run.tookHead')}</span>
          <span role="columnheader" className={styles.extra}>
            {t('run.goodHead')}
          </span>
          <span role="columnheader" className={styles.extra}>
            {t('run.rowsHead')}
          </span>
        </div>
        {lines.map((line) => (
          <Fragment key={line.id}>
            <GanttRow line={line} stretch={stretch} begin={begin} />
            <GanttErrors line={line} />
          </Fragment>
        ))}
      </div>
      <div className={styles.key}>
        <span>{t('run.keyBar')}</span>
        {tree.last_good && <span>{t('run.keyGhost')}</span>}
        <span>{t('run.keyError')}</span>
      </div>
      {tree.is_cut && <p className={styles.key}>{t('run.cut')}</p>}
    </>
  );
}
