import { pick, type Lang } from './lang';
import { NONE } from './number';

const two = (value: number) => value.toString().padStart(2, '0');

/** `4 min 12 s`; French has a comma in fractions. */
export function duration(milliseconds: number, lang: Lang): string {
  const sign = milliseconds < 0 ? '−' : '';
  const positive = Math.abs(milliseconds);
  const seconds = Math.floor(positive / 1000);
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (seconds < 10) {
    const tenths = Math.floor(positive / 100);
    return `${sign}${Math.floor(tenths / 10)}${pick(lang, '.', ',')}${tenths % 10} s`;
  }
  if (seconds < 60) return `${sign}${seconds} s`;
  if (seconds < 3600) return `${sign}${minutes} min ${two(seconds % 60)} s`;
  if (seconds < 172_800) return `${sign}${hours} h ${two(minutes % 60)} min`;
  return `${sign}${Math.floor(seconds / 86_400)} ${pick(lang, 'd', 'j')} ${two(hours % 24)} h`;
}

/** The same, or a stroke where there is none. */
export function optionDuration(milliseconds: number | null | undefined, lang: Lang): string {
  return milliseconds === null || milliseconds === undefined ? NONE : duration(milliseconds, lang);
}

/** `48 s`, `18 min`, `2 h 5 min`, `3 days`: what is left out is less than one of the smallest unit told. */
export function span(milliseconds: number, lang: Lang): string {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min`;
  if (hours >= 48) return `${Math.floor(hours / 24)} ${pick(lang, 'days', 'jours')}`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
