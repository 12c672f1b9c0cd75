/** What is told of an id; the first digits of one name it everywhere. */
export const shortId = (id: string) => id.split('-', 1)[0] ?? id;
