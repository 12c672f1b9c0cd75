import { clockTime, local } from '../../format/local';
import { place, type Stretch } from '../../parts/stretch';
import { ticks } from '../../parts/ticks';
import styles from './Timeline.module.css';

const MOST = 13;
const MOST_NARROW = 5;
/** A mark nearer to the clock of the fuse than so many percent would be written over it. */
const NEAR = 4;
const NEAR_NARROW = 13;

interface Props {
  stretch: Stretch;
  /** Until when the picture holds. */
  asOf: string | null;
  zone: string;
  isNarrow: boolean;
}

/** Thin lines at round times, and one where knowledge ends. */
export function TimelineAxis({ stretch, asOf, zone, isNarrow }: Props) {
  const now = asOf === null ? undefined : Date.parse(asOf);
  const isNowShown = now !== undefined && now > stretch.from && now <= stretch.until;
  const at = (moment: number) => {
    const told = local(moment, zone);
    return told ? clockTime(told) : '';
  };
  return (
    <div className={styles.axis} aria-hidden>
      {ticks(stretch, zone, isNarrow ? MOST_NARROW : MOST)
        .filter(
          (tick) =>
            !isNowShown || Math.abs(place(tick, stretch) - place(now, stretch)) > (isNarrow ? NEAR_NARROW : NEAR),
        )
        .map((tick) => (
          <i key={tick} style={{ left: `${place(tick, stretch)}%` }}>
            <span>{at(tick)}</span>
          </i>
        ))}
      {isNowShown && (
        <i className={styles.now} style={{ left: `${place(now, stretch)}%` }}>
          <span>{at(now)}</span>
        </i>
      )}
    </div>
  );
}
