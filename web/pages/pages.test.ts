import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults, look, MANNERS, nameOf, openBrowser, settled, USUAL } from './look';
import { startProgram, type Program } from './program';
import { come, TOUR } from './tour';

/** Pictures are kept here: they are to be looked at. */
const SHOTS = process.env.SHOTS ?? join('node_modules', '.cache', 'shots');
const PATIENCE = 120_000;

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

const visit = (act: (page: Page) => Promise<unknown>, manner = USUAL) =>
  look(browser, program.url, manner, async (page) => {
    page.setDefaultTimeout(PATIENCE / 2);
    const found = await act(page);
    return Array.isArray(found) ? found.map(String) : [];
  });

describe.each(MANNERS)('$width × $height, $scheme, $lang', (manner) => {
  it.each(Object.keys(TOUR))(
    '%s',
    async (name) => {
      const wrong = await visit(async (page) => {
        await come(page, program.url, name);
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
      await page.goto(`${program.url}/app/runs?status=failed`);
      await settled(page);
      await page.keyboard.press('j');
      const job = (await page.locator(':focus').textContent()) ?? '';
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/app\/runs\/[0-9a-f-]{36}/);
      await settled(page);
      expect(await page.locator('main h1').textContent()).toContain(job);
      expect(await page.getByRole('table').first().getByText('✕').count()).toBeGreaterThan(0);
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
      await come(page, program.url, 'issue');
      await page.getByRole('table').first().locator('a').first().click();
      await page.waitForURL(/\/app\/runs\/[0-9a-f-]{36}/);
      await page.goto(`${program.url}/app/runs?status=failed`);
      await settled(page);
      const address = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
      const file = await page.request.get(program.url + (address ?? ''));
      expect(file.headers()['content-type']).toContain('text/csv');
      const [head = '', ...rows] = (await file.text()).trim().split('\n');
      const status = head.split(',').indexOf('status');
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map((row) => row.split(',')[status]))).toEqual(new Set(['failed']));
    });
    expect(wrong).toEqual([]);
  },
  PATIENCE,
);

it(
  'a run that fails meanwhile comes by itself',
  async () => {
    const wrong = await visit(async (page) => {
      await page.goto(`${program.url}/app/runs?job=nuit_en_direct`);
      await page.getByText('No such runs.').waitFor();
      const about = await page.request.get(`${program.url}/api/v1/about`);
      const { as_of, timezone, watched } = (await about.json()) as Record<string, string> & { watched: string[] };
      const at = (later: number) =>
        new Date(Date.parse(as_of ?? '') + later).toLocaleString('sv-SE', { timeZone: timezone });
      const row = (time: string, kind: string) =>
        `${time};p1;p1;p1;1;SALES;nuit_en_direct;_id;0.1;Prod;;${kind};${kind === 'end' ? 'failure;60000' : ';'}\n`;
      const columns =
        'moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;message_type;message;duration\n';
      const text = columns + row(at(60_000), 'begin') + row(at(120_000), 'end');
      writeFileSync(join(watched[0] ?? '', 'live.csv'), text);
      await page.getByRole('link', { name: 'nuit_en_direct' }).waitFor();
    });
    expect(wrong).toEqual([]);
  },
  PATIENCE,
);

it(
  'what is not there is said, with where it may be',
  async () => {
    await visit(async (page) => {
      await page.goto(`${program.url}/app/runs/00000000-0000-8000-8000-000000000000`);
      await page.getByRole('alert').waitFor();
      await page.getByRole('alert').getByRole('link').first().click();
      await settled(page);
      expect(new URL(page.url()).pathname).toBe('/app/');
    });
  },
  PATIENCE,
);
