import { local } from '../format/local';
import type { Stretch } from './stretch';

const QUARTER_MS = 900_000;
/** Minutes between two marks. */
const STEPS = [1, 5, 15, 30, 60, 120, 180, 240, 360, 720, 1440];

/** Round times of the local clock in a stretch, at most so many. */
export function ticks(stretch: Stretch, zone: string, most: number): number[] {
  const minutes = (stretch.until - stretch.from) / 60_000;
  const step = STEPS.find((of) => minutes / of <= most) ?? 1440;
  const grain = Math.min(step * 60_000, QUARTER_MS);
  const marks: number[] = [];
  for (let at = Math.ceil(stretch.from / grain) * grain; at <= stretch.until; at += grain) {
    const told = local(at, zone);
    if (told && (told.hour * 60 + told.minute) % step === 0) marks.push(at);
  }
  return marks;
}
