import { useElementSize } from '@mantine/hooks';
import type { Heatmap } from '../api/night';
import { HeatColumn } from './HeatColumn';
import styles from './HeatMap.module.css';
import { HeatKey } from './HeatKey';
import { GAP, heatLayout } from './heatLayout';

/** Where nothing was measured yet. */
const USUAL_WIDTH = 1240;

/** Jobs × business days in as many columns as there is room for, those that are worth looking at first. */
export function HeatMap({ map, environment }: { map: Heatmap; environment: string }) {
  const { ref, width } = useElementSize();
  const { columns, ...sizes } = heatLayout(map, width === 0 ? USUAL_WIDTH : width);
  const perColumn = Math.ceil(map.jobs.length / columns);
  return (
    <div ref={ref}>
      <div className={styles.columns} style={{ gap: GAP }}>
        {Array.from({ length: columns }, (_, column) => (
          <HeatColumn
            key={column}
            jobs={map.jobs.slice(column * perColumn, (column + 1) * perColumn)}
            days={map.days}
            environment={environment}
            {...sizes}
          />
        ))}
      </div>
      <HeatKey />
    </div>
  );
}
