import { useElementSize } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { JobName } from '../../api/job';
import { useHeatmap } from '../../api/night';
import { HeatDays } from '../../parts/HeatDays';
import { HeatKey } from '../../parts/HeatKey';
import { NightStrip } from '../../parts/NightStrip';
import { Section } from '../../parts/Section';

const WIDEST = 24;
const HEIGHT = 24;

/** Its last nights; nothing for a job that belongs to none, like a child job. */
export function JobNights({ name }: { name: JobName }) {
  const { t } = useTranslation();
  const { data: map } = useHeatmap(name.environment, 'latest');
  const { ref, width } = useElementSize();
  const strip = map?.jobs.find((job) => job.job === name.job && (job.project ?? '-') === name.project);
  if (!map || !strip) return null;
  const room = width === 0 ? WIDEST * map.days.length : width;
  const cell = Math.min(WIDEST, Math.floor(room / map.days.length));
  return (
    <Section title={t('jobs.nights')}>
      <div ref={ref}>
        <NightStrip job={strip} days={map.days} cell={cell} height={HEIGHT} />
        <HeatDays days={map.days} names={0} cell={cell} />
      </div>
      <HeatKey />
    </Section>
  );
}
