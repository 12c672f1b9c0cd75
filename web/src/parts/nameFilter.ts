const CONTAINS = /^\*([^*]+)\*$/;

/** What is typed without a star is a part of the name; with one it is a pattern as it stands. */
export function asked(typed: string): string {
  return typed.includes('*') ? typed : `*${typed}*`;
}

/** What stands in the field: the part of the name that is looked for; a whole name, as links have it, stays as it is. */
export function shown(pattern: string): string {
  return CONTAINS.exec(pattern)?.[1] ?? pattern;
}
