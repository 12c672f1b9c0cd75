import { useMediaQuery } from '@mantine/hooks';
import type { Night } from '../../api/night';
import { useTitle } from '../../app/useTitle';
import { useTeller } from '../../app/useTeller';
import { night as nameOf } from '../../format/day';
import { NARROW } from '../../parts/narrow';
import { Sentence } from '../../parts/Sentence';
import { useWords } from '../../words/useWords';
import { Causes } from './Causes';
import { Changes } from './Changes';
import { Counts } from './Counts';
import { DueDates } from './DueDates';
import { HeatSection } from './HeatSection';
import { JobsToWatch } from './JobsToWatch';
import { NightNavigation } from './NightNavigation';
import styles from './NightView.module.css';
import { Silence } from './Silence';
import { TimelineSection } from './TimelineSection';

export function NightView({ night }: { night: Night }) {
  const { t } = useWords();
  const teller = useTeller();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  useTitle(nameOf(night.business_day, teller));
  return (
    <article aria-label={t('tonight.label')}>
      <NightNavigation night={night} />
      <Sentence parts={night.parts} />
      <Silence night={night} />
      <Counts night={night} />
      {isNarrow ? (
        <>
          <Causes night={night} />
          <DueDates night={night} />
        </>
      ) : (
        <>
          <DueDates night={night} />
          <Causes night={night} />
        </>
      )}
      <TimelineSection night={night} />
      <div className={styles.two}>
        <JobsToWatch night={night} />
        <Changes night={night} />
      </div>
      <HeatSection night={night} />
    </article>
  );
}
