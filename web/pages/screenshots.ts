import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { look, openBrowser, USUAL } from './look';
import { startProgram } from './program';
import { come } from './tour';

const FOLDER = join(import.meta.dirname, '..', '..', 'doc', 'pictures');
const MOST_BYTES = 300_000;

/** Pages of the README, and how they are shown there. */
const PICTURES = [
  { page: 'tonight', lang: 'en', scheme: 'light' },
  { page: 'tonight', lang: 'fr', scheme: 'light' },
  { page: 'run', lang: 'en', scheme: 'light' },
  { page: 'run', lang: 'fr', scheme: 'light' },
  { page: 'issues', lang: 'en', scheme: 'dark' },
  { page: 'issues', lang: 'fr', scheme: 'dark' },
] as const;

it('pictures of the README', { timeout: 600_000 }, async () => {
  mkdirSync(FOLDER, { recursive: true });
  const program = await startProgram();
  const browser = await openBrowser();
  try {
    for (const { page: name, lang, scheme } of PICTURES) {
      const manner = { ...USUAL, height: 920, lang, scheme };
      const path = join(FOLDER, `${name}.${lang}.png`);
      await look(browser, program.url, manner, async (page) => {
        await come(page, program.url, name);
        await page.screenshot({ path });
        return [];
      });
      expect(statSync(path).size, path).toBeLessThan(MOST_BYTES);
    }
  } finally {
    await browser.close();
    await program.end();
  }
});
