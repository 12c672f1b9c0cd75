import { Link } from '@tanstack/react-router';
import { useTeller } from '../app/useTeller';
import { night, shortDay } from '../format/day';
import styles from './HeatDays.module.css';

/** From Monday to Monday a mark, and its date where there is room. */
const WEEK = 7;
/** So wide is a date. */
const LABEL = 40;

/** The business days under a column of the map: each week's last one has its date, and leads to its night. */
export function HeatDays({ days, names, cell }: { days: string[]; names: number; cell: number }) {
  const teller = useTeller();
  const last = days.length - 1;
  return (
    <div className={styles.days} style={{ marginLeft: names, width: cell * days.length }}>
      {days.map((day, index) =>
        (last - index) % WEEK === 0 && names + (index + 1) * cell > LABEL ? (
          <Link key={day} to="/" search={{ day }} style={{ right: (last - index) * cell }} title={night(day, teller)}>
            {shortDay(day, teller)}
          </Link>
        ) : null,
      )}
    </div>
  );
}
