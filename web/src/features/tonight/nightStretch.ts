import type { Timeline } from '../../api/night';
import type { Stretch } from '../../parts/stretch';

const HOUR_MS = 3_600_000;
/** Kept free beside the first and the last bar. */
const MARGIN = 0.01;

/** From the first thing of the night to the last, whole half hours; nothing where nothing ran. */
export function nightStretch({ jobs, from, until }: Timeline, asOf: string | null): Stretch | undefined {
  const moments = jobs.flatMap((job) => [
    ...job.runs.flatMap((run) => [run.started_at, run.ended_at ?? run.last_event_at]),
    job.usual_start?.early ?? null,
    job.usual_end?.late ?? null,
    job.deadline_at,
  ]);
  const known = moments.filter((at) => at !== null).map((at) => Date.parse(at));
  const isOpen = jobs.some((job) => job.runs.some((run) => run.status === 'running'));
  if (isOpen && asOf !== null) known.push(Date.parse(asOf));
  if (known.length === 0) return undefined;
  const [first, last] = [Math.min(...known), Math.max(...known)];
  const margin = (last - first) * MARGIN;
  const step = HOUR_MS / 2;
  const earliest = from === null ? -Infinity : Date.parse(from);
  const latest = until === null ? Infinity : Date.parse(until);
  return {
    from: Math.max(earliest, Math.floor((first - margin) / step) * step),
    until: Math.min(latest, Math.ceil((last + margin) / step) * step),
  };
}
