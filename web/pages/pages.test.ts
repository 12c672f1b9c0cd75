import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults, MANNERS, nameOf, openBrowser, openPage, settled } from './look';
import { startProgram, type Program } from './program';

/** Pictures are kept here: they are to be looked at. */
const SHOTS = process.env.SHOTS ?? join('node_modules', '.cache', 'shots');

let program: Program;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  program = await startProgram();
  browser = await openBrowser();
}, 300_000);

afterAll(async () => {
  await browser.close();
  await program.end();
});

const RUN = /\/app\/runs\/[0-9a-f-]{36}/;

/** Pages by name, as a reader comes to them. */
const PAGES = { tonight: '/app/', jobs: '/app/jobs', runs: '/app/runs' };

describe.each(MANNERS)('$width × $height, $scheme, $lang', (manner) => {
  it.each(Object.entries(PAGES))(
    '%s',
    async (name, path) => {
      const { page, wrong } = await openPage(browser, program.url, manner);
      await page.goto(program.url + path);
      await settled(page);
      await page.screenshot({ path: join(SHOTS, `${name}-${nameOf(manner)}.png`), fullPage: true });
      expect([...wrong, ...(await faults(page))]).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  it('a run that failed', { timeout: 60_000 }, async () => {
    const { page, wrong } = await openPage(browser, program.url, manner);
    await page.goto(`${program.url}/app/runs?status=failed`);
    await settled(page);
    await page.locator('main a[data-row]').first().click();
    await page.waitForURL(RUN);
    await settled(page);
    await page.screenshot({ path: join(SHOTS, `run-${nameOf(manner)}.png`), fullPage: true });
    expect([...wrong, ...(await faults(page))]).toEqual([]);
    await page.context().close();
  });
});

const [WIDE] = MANNERS;

it('a failed job of the night leads to its run, by keyboard alone', async () => {
  if (!WIDE) throw new Error('there is no manner');
  const { page, wrong } = await openPage(browser, program.url, WIDE);
  await page.goto(`${program.url}/app/runs?status=failed`);
  await settled(page);
  await page.keyboard.press('j');
  const job = (await page.locator(':focus').textContent()) ?? '';
  await page.keyboard.press('Enter');
  await page.waitForURL(RUN);
  await settled(page);
  expect(await page.locator('main h1').textContent()).toContain(job);
  expect(await page.getByRole('table').first().getByText('✕').count()).toBeGreaterThan(0);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  expect(wrong).toEqual([]);
  await page.context().close();
}, 60_000);

it('what is not there is said, with where it may be', async () => {
  if (!WIDE) throw new Error('there is no manner');
  const { page } = await openPage(browser, program.url, WIDE);
  await page.goto(`${program.url}/app/runs/00000000-0000-8000-8000-000000000000`);
  await page.getByRole('alert').waitFor();
  await page.getByRole('alert').getByRole('link').first().click();
  await settled(page);
  expect(new URL(page.url()).pathname).toBe('/app/');
  await page.context().close();
}, 60_000);
