import { pick, type Lang } from './lang';

/** Stands where nothing is known. */
export const NONE = '–';

/** With the language's separator of thousands: `1,234`, `1 234`. */
export function number(value: number, lang: Lang): string {
  const digits = Math.abs(Math.trunc(value)).toString();
  const separator = pick(lang, ',', '\u202f');
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, separator);
  return value < 0 ? `−${grouped}` : grouped;
}

/** The same, or a stroke where there is none. */
export function optionNumber(value: number | null | undefined, lang: Lang): string {
  return value === null || value === undefined ? NONE : number(value, lang);
}

/** `97.2%` of a share between 0 and 1; all is `100%`, and only all. */
export function percent(share: number, lang: Lang): string {
  const tenths = share >= 1 ? 1000 : Math.min(999, Math.round(share * 1000));
  const rest = tenths % 10;
  const fraction = rest === 0 ? '' : `${pick(lang, '.', ',')}${rest}`;
  return `${Math.trunc(tenths / 10)}${fraction}${pick(lang, '', '\u202f')}%`;
}

const UNITS_EN = ['B', 'KB', 'MB', 'GB', 'TB'];
const UNITS_FR = ['o', 'Ko', 'Mo', 'Go', 'To'];

/** `3.4 MB` */
export function size(bytes: number, lang: Lang): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS_EN.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const told = unit === 0 || value >= 100 ? Math.round(value).toString() : value.toFixed(1);
  return `${told.replace('.', pick(lang, '.', ','))} ${pick(lang, UNITS_EN, UNITS_FR)[unit] ?? ''}`;
}
