import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { RunRow } from '../../api/runRows';
import { useWords } from '../../words/useWords';
import { LoggedRow } from './LoggedRow';
import styles from './RowsList.module.css';

const ROW_PX = 22;
const OVERSCAN = 20;
/** So near to an end of the list, more is fetched. */
const NEAR = 30;

interface Props {
  rows: RunRow[];
  /** The row that was looked for; none: -1. */
  focus: number;
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Rows of a log, as many as there are: only those in sight are drawn. */
export function RowsList({ rows, focus, query }: Props) {
  const { t } = useWords();
  const place = useRef<HTMLDivElement>(null);
  // The compiler leaves this component as it is; nothing here is handed on that it would remember.
  // eslint-disable-next-line react-hooks/incompatible-library
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const shown = list.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (last >= rows.length - NEAR && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  useEffect(() => {
    if (focus >= 0) list.scrollToIndex(focus, { align: 'center' });
    // Once, when the rows are there: nobody is pulled back who scrolled away.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  if (rows.length === 0) return <p>{t('run.noRows')}</p>;
  return (
    <div ref={place} className={styles.list} tabIndex={0} role="log" aria-label={t('run.rows')}>
      <div style={{ height: list.getTotalSize() }}>
        {shown.map(({ index, key, start }) => {
          const row = rows[index];
          return (
            row && (
              <div
                key={key}
                data-index={index}
                ref={list.measureElement}
                className={styles.row}
                style={{ transform: `translateY(${start}px)` }}
              >
                <LoggedRow row={row} isStruck={index === focus} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}
