/** `CL` of Claire Lemoine, `A` of ann: what there is room for. */
export function initials(name: string): string {
  const words = name.split(/[\s._@-]+/u).filter((word) => word !== '');
  const letters = words.slice(0, 2).map((word) => /^./u.exec(word)?.[0].toUpperCase() ?? '');
  return letters.join('') || '?';
}
