/** What stands for something that is another one each time: `<*>`, `<number>`. */
const VARIABLE = /(<(?:\*|[a-z_]+)>)/;

/** A template cut into what is always the same and what is not. */
export function templateParts(text: string): { text: string; isVariable: boolean }[] {
  return text
    .split(VARIABLE)
    .map((part, index) => ({ text: part, isVariable: index % 2 === 1 }))
    .filter((part) => part.text !== '');
}
