import { useElementSize } from '@mantine/hooks';
import type { Heatmap } from '../api/night';
import { HeatColumn } from './HeatColumn';
import styles from './HeatMap.module.css';
import { HeatKey } from './HeatKey';

/** More jobs than these get smaller cells, so that two hundred fit one screen. */
const FEW = 60;
const GAP = 28;
/** Where nothing was measured yet. */
const USUAL_WIDTH = 1240;

/** Jobs × business days in as many columns as there is room for, those that are worth looking at first. */
export function HeatMap({ map, environment }: { map: Heatmap; environment: string }) {
  const { ref, width } = useElementSize();
  const room = width === 0 ? USUAL_WIDTH : width;
  const isDense = map.jobs.length > FEW;
  const least = room < 500 ? 116 : 184;
  const cell = room < 500 ? Math.floor((room - least) / map.days.length) : isDense ? 7 : 11;
  const cells = cell * map.days.length;
  const fitting = Math.floor((room + GAP) / (least + cells + GAP));
  const columns = Math.max(1, Math.min(fitting, Math.ceil(map.jobs.length / 4)));
  const names = Math.floor((room + GAP) / columns) - GAP - cells;
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
            names={names}
            cell={cell}
            rowHeight={isDense ? 12 : 15}
          />
        ))}
      </div>
      <HeatKey />
    </div>
  );
}
