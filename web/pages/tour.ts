import type { Page } from 'playwright-core';
import { settled } from './look';

/** Goes on by the first row of a list. */
const first = async (page: Page) => {
  await page.locator('main a[data-row]').first().click();
};

/** Then puts the run beside the last good one. */
const besides = async (page: Page) => {
  await first(page);
  await page.getByRole('link', { name: /^(Compare|Comparer)$/ }).click();
};

/** Gives it a file that nobody knows; no file dialog opens. */
const give = async (page: Page) => {
  const text = `flux,execution,debut,fin,etat\n${'J_STOCKS,e1,2025-12-01 02:00:00,2025-12-01 02:10:00,OK\n'.repeat(30)}`;
  const file = { name: 'runs.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
  await page.locator('input[type="file"]').first().setInputFiles(file);
};

/** Pages by name, as a reader comes to them: an address, and what is clicked there. */
export const TOUR: Record<string, { path: string; then?: (page: Page) => Promise<void>; leads?: RegExp }> = {
  tonight: { path: '/app/' },
  issues: { path: '/app/issues' },
  issue: { path: '/app/issues', then: first, leads: /\/app\/issues\/[0-9a-f-]{36}/ },
  jobs: { path: '/app/jobs' },
  job: { path: '/app/jobs', then: first, leads: /\/app\/jobs\/PROD\/./ },
  runs: { path: '/app/runs' },
  run: { path: '/app/runs?status=failed', then: first, leads: /\/app\/runs\/[0-9a-f-]{36}/ },
  compare: { path: '/app/runs?status=failed', then: besides, leads: /view=compare/ },
  errors: { path: '/app/errors' },
  search: { path: '/app/search' },
  found: { path: '/app/search?q=load' },
  settings: { path: '/app/settings' },
  values: { path: '/app/settings?part=values' },
  decisions: { path: '/app/settings?part=decisions' },
  audit: { path: '/app/settings?part=audit' },
  accounts: { path: '/app/settings?part=users' },
  tokens: { path: '/app/settings?part=tokens' },
  sources: { path: '/app/sources' },
  source: { path: '/app/sources', then: first, leads: /\/app\/sources\/\d+/ },
  upload: { path: '/app/sources', then: give, leads: /\/app\/sources\/uploads\/./ },
};

/** Comes to a page of the tour. */
export async function come(page: Page, url: string, name: string) {
  const stop = TOUR[name];
  if (!stop) throw new Error(`there is no page ${name}`);
  await page.goto(url + stop.path);
  await settled(page);
  if (!stop.then || !stop.leads) return;
  await stop.then(page);
  await page.waitForURL(stop.leads);
  // The list stays until the page is there.
  await page.locator('main article').waitFor();
  await settled(page);
}
