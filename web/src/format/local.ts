/** What the clocks of a zone show at a moment. */
export interface Local {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (!clock) {
    const two = '2-digit';
    clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    clocks.set(zone, clock);
  }
  return clock;
}

/** Undefined for what is no moment. */
export function local(at: string | number, zone: string): Local | undefined {
  const milliseconds = typeof at === 'number' ? at : Date.parse(at);
  if (Number.isNaN(milliseconds) || Math.abs(milliseconds) > 8.64e15) return undefined;
  const told: Local = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of clockOf(zone).formatToParts(milliseconds)) {
    if (type in told) told[type as keyof Local] = Number(value);
  }
  return told;
}

const two = (value: number) => value.toString().padStart(2, '0');

/** `2026-11-23` */
export function dateOf({ year, month, day }: Local): string {
  return `${year.toString().padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** `02:14` */
export function clockTime({ hour, minute }: Local): string {
  return `${two(hour)}:${two(minute)}`;
}

/** `02:14:05` */
export function clockSeconds(at: Local): string {
  return `${clockTime(at)}:${two(at.second)}`;
}
