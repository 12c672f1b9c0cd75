import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { faults, settled } from './look';
import { startQuarter } from './program';
import { onStage, PATIENCE } from './stage';

const JOBS = 200;
const stage = onStage(() => startQuarter(JOBS), PATIENCE * 6);

interface IssueTold {
  issue: {
    issue: string;
    state: string;
    category: string;
    corrected: boolean;
    assignee: string | null;
    muted: string | null;
    acknowledged_by: string | null;
  };
  acts: { kind: string }[];
}

const told = async (page: Page, issue: string) => {
  const answer = await page.request.get(`${stage.url()}/api/v1/issues/${issue}`);
  return (await answer.json()) as IssueTold;
};

/** Until the API says so: what is done waits for some seconds in which it can be taken back. */
async function becomes(page: Page, issue: string, isSo: (answer: IssueTold) => boolean) {
  const end = Date.now() + PATIENCE / 2;
  for (;;) {
    const answer = await told(page, issue);
    if (isSo(answer)) return answer;
    if (Date.now() > end) throw new Error(`it did not: ${JSON.stringify(answer)}`);
    await page.waitForTimeout(200);
  }
}

/** From the newest failed night to the issue behind its first cause. */
async function openIssue(page: Page): Promise<string> {
  const answer = await page.request.get(`${stage.url()}/api/v1/nights?environment=PROD&limit=30`);
  const { items } = (await answer.json()) as { items: { business_day: string; failed: number }[] };
  const failed = items.find((night) => night.failed > 0);
  await page.goto(`${stage.url()}/app/?day=${failed?.business_day ?? ''}`);
  await settled(page);
  await page
    .getByRole('link', { name: /^issue [0-9a-f]+$/ })
    .first()
    .click();
  await page.waitForURL(/\/app\/issues\/[0-9a-f-]{36}/);
  // The night stays until the issue is there.
  await page.getByRole('button', { name: /^Rename/ }).waitFor();
  await settled(page);
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

const press = (page: Page, name: RegExp) => page.getByRole('button', { name }).first().click();
const inForm = (page: Page) => page.getByRole('dialog');

describe('the triage of a failed night', () => {
  it(
    'from the night to the issue, and all that can be done there',
    async () => {
      const wrong = await stage.visit(async (page) => {
        const issue = await openIssue(page);

        await page.keyboard.press('e');
        await page.getByText('is acknowledged').first().waitFor();
        expect(await page.locator('main h1').textContent()).toContain('ongoing');
        await becomes(page, issue, (answer) => answer.issue.acknowledged_by !== null);

        await press(page, /^Correct the category/);
        await inForm(page).locator('select[name="category"]').selectOption('permission');
        await inForm(page).getByRole('button', { name: 'Correct the category' }).click();
        await page.getByText('The category is corrected.').first().waitFor();
        const corrected = await becomes(page, issue, (answer) => answer.issue.corrected);
        expect(corrected.issue.category).toBe('permission');
        await page.locator('main h1', { hasText: 'permission' }).waitFor();

        await press(page, /^Assign/);
        await inForm(page).getByLabel('To', { exact: true }).fill('ann');
        await inForm(page).getByRole('button', { name: 'Assign', exact: true }).click();
        await page.getByText('assigned to ann').first().waitFor();

        await press(page, /^Mute/);
        await inForm(page).getByLabel('for so many more runs').check();
        await inForm(page).getByLabel('Runs', { exact: true }).fill('3');
        await inForm(page).getByRole('button', { name: 'Mute', exact: true }).click();
        const muted = await becomes(page, issue, (answer) => answer.issue.muted === 'occurrences');
        expect(muted.issue.assignee).toBe('ann');

        await press(page, /^Resolve/);
        await page.locator('main h1', { hasText: 'resolved' }).waitFor();
        const resolved = await becomes(page, issue, (answer) => answer.issue.state === 'resolved');
        expect(resolved.acts.map(({ kind }) => kind)).toEqual(['ack', 'assign', 'mute_occurrences', 'resolve']);
        await page.getByRole('button', { name: 'Reopen' }).waitFor();
        return faults(page);
      });
      expect(wrong).toEqual([]);
    },
    PATIENCE * 3,
  );

  it(
    'what is taken back in time was never done, and a correction is taken back as if it had never been said',
    async () => {
      const wrong = await stage.visit(async (page) => {
        await page.goto(`${stage.url()}/app/issues`);
        await settled(page);
        await page.locator('main [data-issue]').first().waitFor();
        await page.keyboard.press('j');
        const issue = (await page.locator(':focus').getAttribute('data-issue')) ?? '';
        const before = await told(page, issue);
        await page.keyboard.press('e');
        await page.getByText('is acknowledged').first().waitFor();
        await page.keyboard.press('z');
        await page.getByText('is acknowledged').first().waitFor({ state: 'detached' });

        await page.goto(`${stage.url()}/app/issues/${issue}`);
        await press(page, /^Rename/);
        await inForm(page).getByLabel('What the problem is called').fill('<b>our own name</b>');
        await inForm(page).getByRole('button', { name: 'Rename' }).click();
        await page.getByText('The problem is renamed.').first().waitFor();
        await page.locator('main').getByText('<b>our own name</b>').first().waitFor();
        await page.keyboard.press('z');
        await page.getByText('Taken back.').first().waitFor();
        const after = await told(page, issue);
        expect(after).toEqual(before);
        await page.goto(`${stage.url()}/app/settings?part=decisions`);
        await settled(page);
        await page.getByText('taken back by').first().waitFor();
        return faults(page);
      });
      expect(wrong).toEqual([]);
    },
    PATIENCE * 2,
  );
});
