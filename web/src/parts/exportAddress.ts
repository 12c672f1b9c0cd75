export type Filter = Record<string, string | number | boolean | string[] | undefined>;

/** So many a file has at most, where nobody says how many; its head says where the list goes on. */
export const MOST_OF_FILE = 10_000;

/** Where a list is handed out as a file. */
export function exportAddress(path: string, filter: Filter, format: 'csv' | 'parquet', lang: string): string {
  const query = new URLSearchParams();
  const all: Filter = { ...filter, lang, format };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined) query.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  return `${path}?${query.toString()}`;
}
