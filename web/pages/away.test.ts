import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faults, look, openBrowser, settled, USUAL } from './look';
import { failedRun } from './logs';
import { startWatching } from './program';
import { PATIENCE } from './stage';

/** A browser tells each request that nobody answers; those are wanted here. */
const unwanted = (wrong: string[]) => wrong.filter((line) => !/Failed to load resource|ERR_/.test(line));

it(
  'an open page says that smartETL is gone, and no longer when it is back',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smartetl-away-'));
    writeFileSync(join(folder, 'stats.csv'), failedRun('load_sales', Date.now() - 3_600_000));
    const browser = await openBrowser();
    const program = await startWatching(folder);
    try {
      const wrong = await look(browser, program.url, USUAL, async (page) => {
        page.setDefaultTimeout(PATIENCE / 2);
        await page.goto(`${program.url}/app/`);
        await settled(page);
        await page.getByRole('link', { name: 'load_sales' }).first().waitFor();
        const band = page.getByRole('alert').getByText('No connection to smartETL');
        expect(await band.count()).toBe(0);
        await program.leave();
        await band.waitFor();
        // What was read stays.
        await page.getByRole('link', { name: 'load_sales' }).first().waitFor();
        const found = await faults(page);
        await program.comeBack();
        await band.waitFor({ state: 'detached' });
        return found;
      });
      expect(unwanted(wrong)).toEqual([]);
    } finally {
      await browser.close();
      await program.end();
      rmSync(folder, { recursive: true });
    }
  },
  PATIENCE * 3,
);
