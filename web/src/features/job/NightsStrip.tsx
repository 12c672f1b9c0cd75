import { useElementSize } from '@mantine/hooks';
import type { JobName } from '../../api/job';
import { useHeatmap } from '../../api/night';
import { HeatDays } from '../../parts/HeatDays';
import { HeatKey } from '../../parts/HeatKey';
import { NightStrip } from '../../parts/NightStrip';
import styles from './NightsStrip.module.css';

const WIDEST = 24;
const HEIGHT = 24;

/** Its last nights in one look; nothing for a job that belongs to none, like a child job. */
export function NightsStrip({ name }: { name: JobName }) {
  const { data: map } = useHeatmap(name.environment, 'latest');
  const { ref, width } = useElementSize();
  const strip = map?.jobs.find((job) => job.job === name.job && (job.project ?? '-') === name.project);
  if (!map || !strip) return null;
  const room = width === 0 ? WIDEST * map.days.length : width;
  const cell = Math.min(WIDEST, Math.floor(room / map.days.length));
  return (
    <div className={styles.strip}>
      <div ref={ref}>
        <NightStrip job={strip} days={map.days} cell={cell} height={HEIGHT} />
        <HeatDays days={map.days} names={0} cell={cell} />
      </div>
      <HeatKey />
    </div>
  );
}
