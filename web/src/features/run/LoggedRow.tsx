import type { RunRow } from '../../api/runRows';
import { optionDuration } from '../../format/duration';
import { number } from '../../format/number';
import { Category } from '../../parts/Category';
import { Moment } from '../../parts/Moment';
import { useLang } from '../../words/useLang';
import { useWord } from '../../words/useWord';
import styles from './LoggedRow.module.css';

/** `02:14:05  load_stock › tDBInput_1  ends · failed · 4 min 12 s` */
export function LoggedRow({ row, isStruck }: { row: RunRow; isStruck: boolean }) {
  const word = useWord();
  const lang = useLang();
  const isError = row.table === 'logerreur';
  const facts =
    row.table === 'logerreur'
      ? []
      : [
          word('event', row.event),
          row.status === null ? null : word('outcome', row.status),
          row.duration_reported_ms === null ? null : optionDuration(row.duration_reported_ms, lang),
          row.label,
          row.count === null ? null : number(row.count, lang),
          row.rows_out === null ? null : number(row.rows_out, lang),
        ].filter((fact) => fact !== null);
  return (
    <div className={`${styles.row} ${isError ? styles.error : ''} ${isStruck ? styles.struck : ''}`}>
      <Moment at={row.moment} withSeconds />
      <span className={styles.place} title={row.job}>
        {row.job}
        {row.step !== null && ` › ${row.step}`}
      </span>
      <span className={styles.what}>
        {isError && <Category of={row.category} />} {facts.join(' · ')}{' '}
        {row.message !== null && <code>{row.message}</code>}
      </span>
    </div>
  );
}
