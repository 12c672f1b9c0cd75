export type Filter = Record<string, string | number | boolean | string[] | undefined>;

/** As many as one answer may have; the head of the file says where the list goes on. */
export const EXPORTED = 500;

/** Where a list is handed out as a file; one that has another measure says `limit: undefined`. */
export function exportAddress(path: string, filter: Filter, format: 'csv' | 'parquet', lang: string): string {
  const query = new URLSearchParams();
  const all: Filter = { limit: EXPORTED, ...filter, lang, format };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined) query.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  return `${path}?${query.toString()}`;
}
