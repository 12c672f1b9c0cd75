import type { Heatmap } from '../api/night';

type DayFacts = Heatmap['jobs'][number]['days'][number];

/** What a cell looks like; `none` where the job has no run on that day. */
export type Look = 'ok' | 'recovered' | 'late' | 'failed' | 'lost' | 'running' | 'unverified' | 'none';

export function look(day: DayFacts | undefined): Look {
  if (!day) return 'none';
  switch (day.verdict) {
    case 'ok':
      return day.late_ms !== null && day.late_ms > 0 ? 'late' : 'ok';
    case 'recovered':
    case 'failed':
    case 'lost':
    case 'running':
    case 'unverified':
      return day.verdict;
    case null:
      return 'none';
  }
}

/** How many cells have each look. */
export function counted(looks: Look[]): [Look, number][] {
  const counts = new Map<Look, number>();
  for (const of of looks) counts.set(of, (counts.get(of) ?? 0) + 1);
  return [...counts];
}

/** The cells of a row by look, each look one path: thousands of cells stay cheap. */
export function paths(looks: Look[], cell: number, height: number): Map<Look, string> {
  const [width, tall] = [cell - 1, height - 2];
  const drawn = new Map<Look, string>();
  looks.forEach((of, index) => {
    const x = index * cell;
    drawn.set(of, `${drawn.get(of) ?? ''}M${x} 1h${width}v${tall}h${-width}z`);
  });
  return drawn;
}

/** Signs upon cells, so that colour never speaks alone. */
export function signs(looks: Look[], cell: number, height: number): Map<Look, string> {
  const [width, tall] = [cell - 1, height - 2];
  const drawn = new Map<Look, string>();
  looks.forEach((of, index) => {
    const x = index * cell;
    const corner = `M${x} 1h${width}l${-width} ${tall}z`;
    const lower = `M${x} ${1 + tall * 0.45}h${width}v${tall * 0.55}h${-width}z`;
    const inner = `M${x + 2} 3h${width - 4}v${tall - 4}h${-(width - 4)}z`;
    const sign = of === 'recovered' ? corner : of === 'late' ? lower : of === 'lost' ? inner : '';
    if (sign !== '') drawn.set(of, `${drawn.get(of) ?? ''}${sign}`);
  });
  return drawn;
}
