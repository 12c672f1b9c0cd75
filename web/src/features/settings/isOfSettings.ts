import type { Setting } from '../../api/settings';

/** The account that `http.password` makes and keeps so (doc/access.md). */
const KEPT = 'admin';

/** Whether a setting says the password of the account: its value is hidden, and null where it is not set. */
export function isOfSettings(name: string, settings: Setting[]): boolean {
  return name === KEPT && settings.some(({ key, value }) => key === 'http.password' && value !== null);
}
