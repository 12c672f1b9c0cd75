import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { faults, settled } from './look';
import { failedRun } from './logs';
import { startWatching } from './program';
import { onStage, PATIENCE } from './stage';

const HOUR_MS = 3_600_000;

/** What a tool writes that nobody knows: a line for each run, one of them damaged. */
const day = (number: number) => `2025-12-${String(number + 1).padStart(2, '0')}`;
const told = (number: number) =>
  `J_STOCKS,e${number},${day(number)} 02:00:00,${number === 17 ? 'soon' : `${day(number)} 02:10:00`},${number % 5 ? 'OK' : 'KO'}`;
const FOREIGN = ['flux,execution,debut,fin,etat', ...Array.from({ length: 30 }, (_, number) => told(number)), ''].join(
  '\n',
);

const folder = mkdtempSync(join(tmpdir(), 'smartetl-upload-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const stage = onStage(() => startWatching(folder));

/** A file from outside falls onto the page. */
async function drop(page: Page, name: string, text: string) {
  const transfer = await page.evaluateHandle(
    ([named, content]) => {
      const files = new DataTransfer();
      files.items.add(new File([content ?? ''], named ?? ''));
      return files;
    },
    [name, text],
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
  await page.getByText('Drop the file here').first().waitFor();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
  await page.waitForURL(/\/app\/sources\/uploads\/./);
  await settled(page);
}

it(
  'where nothing was read yet, both pages say what to do next, and a file can be dropped on either',
  async () => {
    const wrong = await stage.visit(async (page) => {
      await page.goto(`${stage.url()}/app/`);
      await page.getByText('No logs yet.').first().waitFor();
      await page.getByRole('button', { name: 'Choose a file of logs' }).waitFor();
      const found = await faults(page);
      await page.goto(`${stage.url()}/app/sources`);
      await settled(page);
      expect(await page.locator('main h1').textContent()).toContain('Nothing was read yet.');
      await page.getByText('smartetl load').first().waitFor();
      await page.goto(`${stage.url()}/app/`);
      await drop(page, 'stats.csv', failedRun('dropped_first', Date.now() - HOUR_MS));
      await page.getByRole('button', { name: 'Remove it' }).click();
      await page.waitForURL(/\/app\/sources$/);
      return [...found, ...(await faults(page))];
    });
    expect(wrong).toEqual([]);
  },
  PATIENCE,
);

it(
  'an unknown file is dropped, its mapping is tried as it is typed, and it is loaded',
  async () => {
    const wrong = await stage.visit(async (page) => {
      await page.goto(`${stage.url()}/app/sources`);
      await settled(page);
      await drop(page, 'runs of ours.csv', FOREIGN);
      await page.locator('main h1', { hasText: 'runs of ours.csv' }).waitFor();
      const mapping = page.getByRole('textbox', { name: 'Mapping (TOML)' });
      const proposed = await mapping.inputValue();
      expect(proposed).toContain('[');
      const found = await faults(page);

      await mapping.fill(`${proposed}\n[[`);
      await page
        .getByRole('alert')
        .getByText(/line \d+/)
        .waitFor();
      expect(await page.getByRole('button', { name: 'Load it' }).isDisabled()).toBe(true);
      await mapping.fill(`${proposed}\n`);
      await page
        .getByText(/rejected/)
        .first()
        .waitFor();
      await page.getByRole('cell', { name: 'J_STOCKS' }).first().waitFor();

      await page.getByRole('button', { name: 'Load it' }).click();
      await page
        .getByText(/rows? stored/)
        .first()
        .waitFor();
      await page.getByRole('link', { name: 'To the source' }).click();
      await page.getByRole('button', { name: 'Take back' }).waitFor();
      await page.goto(`${stage.url()}/app/jobs`);
      await page.getByRole('link', { name: 'J_STOCKS', exact: true }).waitFor();
      return found;
    });
    expect(wrong).toEqual([]);
  },
  PATIENCE * 2,
);

it(
  'a known file is recognised, loaded, and taken back after what would go is told',
  async () => {
    const wrong = await stage.visit(async (page) => {
      await page.goto(`${stage.url()}/app/sources`);
      await settled(page);
      await page.locator('input[type="file"]').setInputFiles({
        name: 'stats.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(failedRun('dropped_job', Date.now() - HOUR_MS)),
      });
      await page.getByText('is recognised').first().waitFor();
      await page.getByRole('button', { name: 'Load it' }).click();
      await page.getByText('2 rows stored').first().waitFor();
      await page.getByRole('link', { name: 'To the source' }).click();
      await page.getByRole('button', { name: 'Take back' }).click();
      await page.getByText('2 rows go').first().waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
      await page.getByText('2 rows taken back').first().waitFor();
      return faults(page);
    });
    expect(wrong).toEqual([]);
  },
  PATIENCE * 2,
);
