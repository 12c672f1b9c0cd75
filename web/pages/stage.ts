import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { look, openBrowser, USUAL, type Manner } from './look';
import type { Program } from './program';

/** So long anything may take on a machine that has much to do. */
export const PATIENCE = 120_000;

interface Stage {
  /** Where the program is. */
  url: () => string;
  browser: () => Browser;
  /** A page for a while, and all that was wrong with it. */
  visit: (act: (page: Page) => Promise<unknown>, manner?: Manner) => Promise<string[]>;
}

/** A program and a browser for all tests of a file. */
export function onStage(start: () => Promise<Program>, patience = 300_000): Stage {
  let program: Program | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    program = await start();
    browser = await openBrowser();
  }, patience);
  afterAll(async () => {
    await browser?.close();
    await program?.end();
  });
  const there = <T>(what: T | undefined): T => {
    if (what === undefined) throw new Error('the program is not there yet');
    return what;
  };
  return {
    url: () => there(program).url,
    browser: () => there(browser),
    visit: (act, manner = USUAL) =>
      look(there(browser), there(program).url, manner, async (page) => {
        page.setDefaultTimeout(PATIENCE / 2);
        const found = await act(page);
        return Array.isArray(found) ? found.map(String) : [];
      }),
  };
}
