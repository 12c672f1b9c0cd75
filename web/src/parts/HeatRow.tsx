import type { Heatmap } from '../api/night';
import styles from './HeatRow.module.css';
import { JobLink } from './JobLink';
import { NightStrip } from './NightStrip';

interface Props {
  job: Heatmap['jobs'][number];
  days: string[];
  environment: string;
  names: number;
  cell: number;
  height: number;
}

export function HeatRow({ job, days, environment, names, cell, height }: Props) {
  return (
    <div className={styles.row} style={{ height }}>
      <div className={styles.name} style={{ width: names, lineHeight: `${height}px` }}>
        <JobLink environment={environment} project={job.project} job={job.job} isQuiet />
      </div>
      <NightStrip job={job} days={days} cell={cell} height={height} />
    </div>
  );
}
