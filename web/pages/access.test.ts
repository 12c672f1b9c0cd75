import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { faults, mannersOf, nameOf, settled } from './look';
import { failedRun, itsError } from './logs';
import { answers, startWatching } from './program';
import { SHOTS } from './shots';
import { onStage, PATIENCE } from './stage';

const PASSWORD = 'correct horse battery';
const HOUR_MS = 3_600_000;

const folder = mkdtempSync(join(tmpdir(), 'smartetl-access-'));
const from = Date.now() - HOUR_MS;
writeFileSync(join(folder, 'stats.csv'), failedRun('load_sales', from));
writeFileSync(join(folder, 'log.csv'), itsError('load_sales', from, 'java.sql.SQLException: ORA-01017'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const stage = onStage(() => startWatching(folder, ['http.login=always', `http.password=${PASSWORD}`], answers));

/** A browser tells each answer that says no; those are wanted here. */
const unwanted = (wrong: string[]) => wrong.filter((line) => !/status of (401|403)/.test(line));

async function logIn(page: Page, name: string, password = PASSWORD) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

async function logOut(page: Page) {
  await page.getByRole('button', { name: /(viewer|operator|administrator)$/ }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
}

async function addAccount(page: Page, name: string, role: string) {
  await page.getByRole('button', { name: 'Add an account' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Role').selectOption(role);
  await form.getByLabel('Password').fill(PASSWORD);
  await form.getByRole('button', { name: 'Add an account' }).click();
  await page.getByRole('cell', { name, exact: true }).waitFor();
}

it.each(mannersOf(0))(
  'the login is there for whom smartETL does not know: $width × $height, $scheme, $lang',
  async (manner) => {
    const wrong = await stage.visit(async (page) => {
      await page.goto(`${stage.url()}/app/issues`);
      await settled(page);
      await page.screenshot({ path: join(SHOTS, `login-${nameOf(manner)}.png`), fullPage: true });
      expect(await page.locator('nav').count()).toBe(0);
      return faults(page);
    }, manner);
    expect(unwanted(wrong)).toEqual([]);
  },
  PATIENCE,
);

it(
  'whoever logs in is where they wanted to go, and sees what they may do',
  async () => {
    const wrong = await stage.visit(async (page) => {
      await page.goto(`${stage.url()}/app/settings?part=users`);
      await logIn(page, 'admin', 'a wrong password');
      await page.getByText('No account has this name and this password.').first().waitFor();
      await logIn(page, 'admin');
      await page.getByRole('cell', { name: 'admin', exact: true }).waitFor();
      await addAccount(page, 'vera', 'viewer');
      await addAccount(page, 'oscar', 'operator');
      const found = await faults(page);
      await logOut(page);

      await logIn(page, 'vera');
      await page.getByRole('button', { name: 'vera, viewer' }).waitFor();
      await page.getByText('403').first().waitFor();
      expect(await page.getByRole('link', { name: 'Accounts' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Issues' }).click();
      await page.locator('main a[data-row]').first().waitFor();
      expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
      await page.keyboard.press('j');
      await page.keyboard.press('e');
      expect(await page.getByText('is acknowledged').count()).toBe(0);
      await logOut(page);

      await logIn(page, 'oscar');
      await page.getByRole('button', { name: 'Acknowledge' }).first().click();
      await page.getByText('is acknowledged').first().waitFor();
      return found;
    });
    expect(unwanted(wrong)).toEqual([]);
  },
  PATIENCE * 2,
);

it(
  'a token is shown once, and one’s own password can be set',
  async () => {
    const wrong = await stage.visit(async (page) => {
      await page.goto(`${stage.url()}/app/settings?part=tokens`);
      await logIn(page, 'admin');
      await page.getByRole('button', { name: 'Make a token' }).click();
      await page.getByRole('dialog').getByLabel('What it is for').fill('reports');
      await page.getByRole('dialog').getByRole('button', { name: 'Make a token' }).click();
      const token = (await page.getByRole('alert').locator('pre').textContent()) ?? '';
      const answer = await page.request.get(`${stage.url()}/api/v1/issues`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status()).toBe(200);
      await page.reload();
      await page.getByRole('cell', { name: 'reports' }).waitFor();
      expect(await page.content()).not.toContain(token);

      await page.goto(`${stage.url()}/app/settings`);
      await page.getByLabel('Present password').fill(PASSWORD);
      await page.getByLabel(/^New password/).fill(`${PASSWORD} staple`);
      await page.getByRole('button', { name: 'Set the password' }).click();
      await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
      await logIn(page, 'admin', `${PASSWORD} staple`);
      await page.getByRole('button', { name: 'admin, administrator' }).waitFor();
      return faults(page);
    });
    expect(unwanted(wrong)).toEqual([]);
  },
  PATIENCE * 2,
);
