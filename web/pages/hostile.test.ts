import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { settled } from './look';
import { failedRun, itsError } from './logs';
import { startWatching } from './program';
import { onStage, PATIENCE } from './stage';

const HOUR_MS = 3_600_000;
const SCRIPT = '<img src=x onerror="window.struck=1"><script>window.struck=1</script><b>bold</b>';
const JOB = '<i>load</i>';

const folder = mkdtempSync(join(tmpdir(), 'smartetl-hostile-'));
const from = Date.now() - HOUR_MS;
writeFileSync(join(folder, 'stats.csv'), failedRun(JOB, from));
// A row that cannot be read is shown as it stands, too.
const damaged = `2026-13-45;p1;p1;p1;SALES;${JOB};Prod;x;Java Exception;tDBInput_1;${SCRIPT.replaceAll('"', '')};1\n`;
writeFileSync(join(folder, 'log.csv'), itsError(JOB, from, SCRIPT) + damaged);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const stage = onStage(() => startWatching(folder));

/** Markup of a log became an element, or ran. */
const struck = (page: Page) =>
  page.evaluate(() => {
    const made = document.querySelectorAll(
      'main img, main script, main i:not([class], [style], [aria-hidden]), main b b',
    );
    return 'struck' in window || made.length > 0;
  });

/** The first row; of the files, the one with what cannot be read. */
const first = async (page: Page, path: string) => {
  const rows = page.locator('main a[data-row]');
  await (path === '/app/sources' ? rows.filter({ hasText: 'log.csv' }) : rows.first()).click();
  await page.locator('main article').waitFor();
};

it.each([
  ['/app/', false],
  ['/app/issues', false],
  ['/app/issues', true],
  ['/app/runs', false],
  ['/app/runs', true],
  ['/app/jobs', false],
  ['/app/jobs', true],
  ['/app/sources', true],
])('markup in a log is text: %s, first row opened: %s', { timeout: PATIENCE }, async (path, isOpened) => {
  const wrong = await stage.visit(async (page) => {
    await page.goto(stage.url() + path);
    await settled(page);
    if (isOpened) await first(page, path);
    await settled(page);
    await page.locator('main', { hasText: /<img src=x|<i>load<\/i>/ }).waitFor();
    expect(await struck(page)).toBe(false);
  });
  expect(wrong).toEqual([]);
});
