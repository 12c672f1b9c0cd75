import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faults, look, mannersOf, nameOf, settled, USUAL } from './look';
import { failedRun } from './logs';
import { startQuarter, startWatching } from './program';
import { SHOTS } from './shots';
import { onStage, PATIENCE } from './stage';
import { come, TOUR } from './tour';

const JOBS = 200;
const stage = onStage(() => startQuarter(JOBS), PATIENCE * 6);
const { visit } = stage;

describe.each(Object.keys(TOUR).map((name, number) => ({ name, number })))('$name', ({ name, number }) => {
  it.each(mannersOf(number))(
    '$width × $height, $scheme, $lang',
    async (manner) => {
      const wrong = await visit(async (page) => {
        await come(page, stage.url(), name);
        await page.screenshot({ path: join(SHOTS, `${name}-${nameOf(manner)}.png`), fullPage: true });
        return faults(page);
      }, manner);
      expect(wrong).toEqual([]);
    },
    PATIENCE,
  );
});

it(
  'a failed run is found and opened by keyboard alone',
  async () => {
    const wrong = await visit(async (page) => {
      await page.goto(`${stage.url()}/app/runs?status=failed`);
      await settled(page);
      await page.locator('main a[data-row]').first().waitFor();
      await page.keyboard.press('j');
      const job = (await page.locator(':focus').textContent()) ?? '';
      expect(job).not.toBe('');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/app\/runs\/[0-9a-f-]{36}/);
      // The list stays until the page is there.
      await page.locator('main h1', { hasText: job }).waitFor();
      await settled(page);
      await page.getByRole('table').first().getByText('✕').first().waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    });
    expect(wrong).toEqual([]);
  },
  PATIENCE,
);

it(
  'an issue leads to its runs, and a list can be had as a file',
  async () => {
    const wrong = await visit(async (page) => {
      await come(page, stage.url(), 'issue');
      await page.getByRole('table').first().locator('a').first().click();
      await page.waitForURL(/\/app\/runs\/[0-9a-f-]{36}/);
      await page.goto(`${stage.url()}/app/runs?status=failed`);
      await settled(page);
      const address = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
      const file = await page.request.get(stage.url() + (address ?? ''));
      expect(file.headers()['content-type']).toContain('text/csv');
      const text = await file.text();
      expect(text.split('\n', 1)[0]).toContain(',status,');
      expect(text).toContain(',failed,');
      expect(text).not.toContain(',success,');
    });
    expect(wrong).toEqual([]);
  },
  PATIENCE,
);

it(
  'a run that fails meanwhile comes by itself',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smartetl-live-'));
    const watching = await startWatching(folder);
    try {
      const wrong = await look(stage.browser(), watching.url, USUAL, async (page) => {
        await page.goto(`${watching.url}/app/`);
        await page.getByText('No logs yet.').first().waitFor();
        writeFileSync(join(folder, 'stats.csv'), failedRun('nuit_en_direct', Date.now() - 600_000));
        await page
          .getByText('The only job failed')
          .first()
          .waitFor({ timeout: PATIENCE / 2 });
        await page.getByRole('link', { name: 'nuit_en_direct' }).first().waitFor();
        return faults(page);
      });
      expect(wrong).toEqual([]);
    } finally {
      await watching.end();
      rmSync(folder, { recursive: true });
    }
  },
  PATIENCE * 2,
);

it(
  'what is not there is said, with where it may be',
  async () => {
    await visit(async (page) => {
      await page.goto(`${stage.url()}/app/runs/00000000-0000-8000-8000-000000000000`);
      await page.getByRole('alert').waitFor();
      await page.getByRole('alert').getByRole('link').first().click();
      await settled(page);
      expect(new URL(page.url()).pathname).toBe('/app/');
    });
  },
  PATIENCE,
);
