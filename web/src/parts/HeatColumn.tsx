import type { Heatmap } from '../api/night';
import { HeatDays } from './HeatDays';
import { HeatRow } from './HeatRow';
import { useGradually } from './useGradually';

/** It stands at the end of its page. */
const AT_ONCE = 4;

interface Props {
  jobs: Heatmap['jobs'];
  days: string[];
  environment: string;
  /** Widths and heights in pixels. */
  names: number;
  cell: number;
  rowHeight: number;
}

export function HeatColumn({ jobs, days, environment, names, cell, rowHeight }: Props) {
  const { shown, isWhole } = useGradually(jobs, AT_ONCE);
  return (
    <div aria-busy={!isWhole}>
      {shown.map((job) => (
        <HeatRow
          key={`${job.project ?? ''}/${job.job}`}
          job={job}
          days={days}
          environment={environment}
          names={names}
          cell={cell}
          height={rowHeight}
        />
      ))}
      <HeatDays days={days} names={names} cell={cell} />
    </div>
  );
}
