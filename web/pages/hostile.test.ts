import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settled } from './look';
import { failedRun, itsError } from './logs';
import { startWatching } from './program';
import { onStage, PATIENCE } from './stage';

const HOUR_MS = 3_600_000;
const SCRIPT = '<img src=x onerror="window.struck=1"><script>window.struck=1</script><b>bold</b>';
const JOB = '<i>load</i>';
/** It names no messages; it only must not become any. */
const AUDIT = '/app/settings?part=audit';

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

interface Listed {
  items: { issue: string; run_key: string }[];
}

const api = async (path: string) => (await (await fetch(`${stage.url()}/api/v1${path}`)).json()) as Listed;

async function say(path: string, body: object) {
  const headers = { 'content-type': 'application/json', 'smartetl-csrf': '1' };
  const answer = await fetch(`${stage.url()}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.status, await answer.text()).toBe(200);
}

// People can be as hostile as logs.
beforeAll(async () => {
  const { items } = await api('/issues');
  const issue = items[0]?.issue ?? '';
  await say(`/issues/${issue}/acts`, { kind: 'ack', note: SCRIPT });
  await say(`/issues/${issue}/acts`, { kind: 'assign', text: SCRIPT });
  await say(`/issues/${issue}/rename`, { title: SCRIPT });
});

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
  ['/app/issues?assignee=%3Cimg', false],
  ['/app/runs', false],
  ['/app/runs', true],
  ['/app/runs?job=%3Cimg%20src%3Dx', false],
  ['/app/jobs', false],
  ['/app/jobs', true],
  ['/app/errors', false],
  ['/app/search?q=load', false],
  ['/app/search?q=%3Cimg%20src%3Dx%20onerror%3D%22window.struck%3D1%22%3E', false],
  ['/app/settings?part=decisions', false],
  [AUDIT, false],
  ['/app/sources', true],
])('markup in a log is text: %s, first row opened: %s', { timeout: PATIENCE }, async (path, isOpened) => {
  const wrong = await stage.visit(async (page) => {
    await page.goto(stage.url() + path);
    await settled(page);
    if (isOpened) await first(page, path);
    await settled(page);
    const shows = page.locator('main', { hasText: /<img src=x|<i>load<\/i>/ });
    if (path !== AUDIT && !path.includes('=%3Cimg')) await shows.waitFor();
    expect(await struck(page)).toBe(false);
  });
  expect(wrong).toEqual([]);
});

it('markup in a log is text beside the last good run, and in a file that is tried', { timeout: PATIENCE }, async () => {
  const wrong = await stage.visit(async (page) => {
    const { items } = await api('/runs?status=failed');
    await page.goto(`${stage.url()}/app/runs/${items[0]?.run_key ?? ''}?view=compare`);
    await settled(page);
    await page.locator('main', { hasText: '<i>load</i>' }).waitFor();
    expect(await struck(page)).toBe(false);
    await page.goto(`${stage.url()}/app/sources`);
    await settled(page);
    const line = `J_${SCRIPT.replaceAll('"', '')},e1,2025-12-01 02:00:00,2025-12-01 02:10:00,OK\n`;
    const buffer = Buffer.from(`flux,execution,debut,fin,etat\n${line.repeat(20)}`);
    const file = { name: 'a<img src=x>.csv', mimeType: 'text/csv', buffer };
    await page.locator('input[type="file"]').first().setInputFiles(file);
    await page.waitForURL(/\/app\/sources\/uploads\/./);
    await settled(page);
    await page.getByText('J_<img src=x').first().waitFor();
    expect(await struck(page)).toBe(false);
  });
  expect(wrong).toEqual([]);
});
