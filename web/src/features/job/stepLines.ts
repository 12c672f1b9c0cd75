import type { Compared, CompareLine } from '../../api/compare';

/** The steps of the run itself: those of the runs below it stand with these. */
export function stepLines({ lines }: Pick<Compared, 'lines'>): CompareLine[] {
  return lines.filter(({ level, step }) => level === 1 && step !== null);
}

const isCounted = ({ this: now, usual }: CompareLine['rows_out']) => now !== null || usual !== null;

/** Rows that it wrote, else those that it read. */
export function rowsOf({ rows_in: read, rows_out: written }: Pick<CompareLine, 'rows_in' | 'rows_out'>) {
  return isCounted(written) ? written : read;
}
