import type { Setting } from '../../api/settings';

/** Settings by what stands before their last dot, in the order in which they come. */
export function inSections(settings: Setting[]): [string, Setting[]][] {
  const sections = new Map<string, Setting[]>();
  for (const setting of settings) {
    const name = setting.key.split('.').slice(0, -1).join('.');
    const before = sections.get(name);
    if (before) before.push(setting);
    else sections.set(name, [setting]);
  }
  return [...sections];
}
