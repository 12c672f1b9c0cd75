import { useMediaQuery } from '@mantine/hooks';
import { useId, useState } from 'react';
import type { Night, Timeline as Answered } from '../../api/night';
import { useTeller } from '../../app/useTeller';
import { number } from '../../format/number';
import { NARROW } from '../../parts/narrow';
import { TextButton } from '../../parts/TextButton';
import { useRoving } from '../../parts/useRoving';
import { useWords } from '../../words/useWords';
import { nightStretch } from './nightStretch';
import { TimelineAxis } from './TimelineAxis';
import { TimelineKey } from './TimelineKey';
import { TimelineRow } from './TimelineRow';
import styles from './Timeline.module.css';
import { worthWatching } from './worthWatching';

/** Up to so many jobs, all have their names at once. */
const ALL_NAMED = 40;

export function Timeline({ timeline, night }: { timeline: Answered; night: Night }) {
  const { t } = useWords();
  const teller = useTeller();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const [isNamed, setNamed] = useState(false);
  const roving = useRoving<HTMLDivElement>();
  const usual = useId();
  const shown = nightStretch(timeline, night.as_of);
  if (!shown) return <p>{t('tonight.noRuns')}</p>;
  const watched = worthWatching(night);
  const isWatched = (job: Answered['jobs'][number]) => watched.has(`${job.project ?? ''}/${job.job}`);
  const few = timeline.jobs.length <= ALL_NAMED && !isNarrow;
  const named = few || isNamed ? timeline.jobs : timeline.jobs.filter(isWatched);
  const others = few || isNamed ? [] : timeline.jobs.filter((job) => !isWatched(job));
  const row = (job: Answered['jobs'][number], isThin: boolean) => (
    <TimelineRow
      key={`${job.project ?? ''}/${job.job}`}
      job={job}
      night={night}
      stretch={shown}
      isLate={night.late.some((late) => late.job === job.job && late.project === job.project)}
      isWatched={isWatched(job)}
      isThin={isThin}
    />
  );
  return (
    <>
      <div className={styles.timeline}>
        <TimelineAxis stretch={shown} asOf={night.as_of} zone={teller.zone} isNarrow={isNarrow} />
        {named.map((job) => row(job, false))}
        {others.length > 0 && (
          <div className={styles.others}>
            <span id={usual}>
              {t('tonight.asUsual', { count: others.length, told: number(others.length, teller.lang) })}
            </span>
            {!isNarrow && (
              <div {...roving} role="group" aria-labelledby={usual}>
                {others.map((job) => row(job, true))}
              </div>
            )}
          </div>
        )}
      </div>
      <TimelineKey>
        {!few && (
          <TextButton
            act={() => {
              setNamed(!isNamed);
            }}
          >
            {t(isNamed ? 'tonight.nameFew' : 'tonight.nameAll')}
          </TextButton>
        )}
      </TimelineKey>
    </>
  );
}
