/** The stretch of time that a picture shows, in milliseconds since 1970. */
export interface Stretch {
  from: number;
  until: number;
}

/** Where a moment stands in a stretch, in percent of its width; what lies outside stands at its border. */
export function place(at: number, { from, until }: Stretch): number {
  return Math.min(100, Math.max(0, ((at - from) / (until - from)) * 100));
}

/** Left border and width of what goes on from one moment to another, as CSS has them. */
export function range(from: number, until: number, stretch: Stretch): { left: string; width: string } {
  const left = place(from, stretch);
  return { left: `${left}%`, width: `${place(until, stretch) - left}%` };
}
