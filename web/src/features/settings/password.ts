/** As it was typed: blanks belong to it. */
export function password(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
