import type { Heatmap } from '../api/night';

/** More jobs than these get smaller cells, so that two hundred fit one screen. */
const FEW = 60;
export const GAP = 28;
/** Less room than this is a phone's. */
const NARROW = 500;
/** What names have at least, where they need it. */
const NAMES = 184;
const NAMES_NARROW = 116;
/** So wide is a letter of a name, about, and so much is around it. */
const LETTER = 6.2;
const AROUND = 14;
/** Wider cells tell no more. */
const WIDEST = 24;

export interface HeatLayout {
  columns: number;
  /** Widths and heights in pixels. */
  names: number;
  cell: number;
  rowHeight: number;
}

/** In how many columns the map stands. Names take what they need and cells what is left: few nights stand beside their names, not
 * at the other end of the page. */
export function heatLayout({ jobs, days }: Heatmap, room: number): HeatLayout {
  const isNarrow = room < NARROW;
  const isDense = jobs.length > FEW;
  const nights = Math.max(1, days.length);
  const least = isNarrow ? NAMES_NARROW : NAMES;
  const smallest = isNarrow ? Math.min(WIDEST, Math.floor((room - least) / nights)) : isDense ? 7 : 11;
  const fitting = Math.floor((room + GAP) / (least + smallest * nights + GAP));
  const columns = Math.max(1, Math.min(fitting, Math.ceil(jobs.length / 4)));
  const width = Math.floor((room + GAP) / columns) - GAP;
  const longest = Math.max(0, ...jobs.map(({ job }) => job.length)) * LETTER + AROUND;
  const names = Math.floor(Math.min(width - smallest * nights, Math.max(longest, NAMES_NARROW)));
  const cell = Math.max(smallest, Math.min(WIDEST, Math.floor((width - names) / nights)));
  return { columns, names, cell, rowHeight: isDense ? 12 : 15 };
}
