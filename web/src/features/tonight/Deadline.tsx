import { useMediaQuery } from '@mantine/hooks';
import type { Timeline } from '../../api/night';
import { useTeller } from '../../app/useTeller';
import { inNight } from '../../format/moment';
import { NARROW } from '../../parts/narrow';
import { place, type Stretch } from '../../parts/stretch';
import { useWords } from '../../words/useWords';
import styles from './Timeline.module.css';

/** So wide is what is written, in percent of the picture. */
const LABEL = 11;
const LABEL_NARROW = 36;

interface Props {
  at: string;
  runs: Timeline['jobs'][number]['runs'];
  day: string;
  stretch: Stretch;
}

/** When a job is due; written behind it, or before it where a bar stands behind, or the picture ends. */
export function Deadline({ at, runs, day, stretch }: Props) {
  const { t } = useWords();
  const teller = useTeller();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const label = isNarrow ? LABEL_NARROW : LABEL;
  const left = place(Date.parse(at), stretch);
  const isTaken = runs.some(({ started_at: from, last_event_at: until }) => {
    if (from === null || until === null) return false;
    return place(Date.parse(until), stretch) > left && place(Date.parse(from), stretch) < left + label;
  });
  const isBefore = isTaken || left + label > 100;
  return (
    <i className={styles.due} style={{ left: `${left}%` }}>
      <span className={isBefore ? styles.before : styles.behind}>
        {t('tonight.dueAt', { at: inNight(at, day, teller) })}
      </span>
    </i>
  );
}
