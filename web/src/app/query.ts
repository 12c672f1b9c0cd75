/** What stands behind the `?` of an address: texts by their names, as they were typed. */
export function parseQuery(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

/** The same way back. The router's own writes JSON: there, a search for `1e52`, `null` or a long number is for something else. */
export function writeQuery(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (['string', 'number', 'boolean'].includes(typeof value)) query.set(name, String(value));
  }
  const written = query.toString();
  return written === '' ? '' : `?${written}`;
}
