import { Link } from '@tanstack/react-router';
import { useTimeline, type Night } from '../../api/night';
import { useTeller } from '../../app/useTeller';
import { inNight } from '../../format/moment';
import { Answer } from '../../parts/Answer';
import { Section } from '../../parts/Section';
import { useWords } from '../../words/useWords';
import { nightStretch } from './nightStretch';
import { Timeline } from './Timeline';

/** The night as bars, with the usual night as a thin line under each. */
export function TimelineSection({ night }: { night: Night }) {
  const { t } = useWords();
  const teller = useTeller();
  const timeline = useTimeline(night.environment, night.business_day);
  const shown = timeline.data && nightStretch(timeline.data, night.as_of);
  const title = shown
    ? t('tonight.timeline', {
        from: inNight(new Date(shown.from).toISOString(), night.business_day, teller),
        to: inNight(new Date(shown.until).toISOString(), night.business_day, teller),
      })
    : t('tonight.label');
  return (
    <Section title={title} aside={<Link to="/jobs">{t('tonight.allJobs')}</Link>}>
      <Answer query={timeline} lines={8} height={320}>
        {(data) => <Timeline key={night.business_day} timeline={data} night={night} />}
      </Answer>
    </Section>
  );
}
