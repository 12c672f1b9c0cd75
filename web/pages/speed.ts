import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { look, openBrowser, usable, USUAL } from './look';
import { come, TOUR } from './tour';

const COLD_STARTS = 5;

/** For `bench/web.py`: how soon each page of the service at `SPEED_URL` can be used, in milliseconds, and what it asks the API, in `SPEED_FILE`. */
test('how soon each page is there', { timeout: 1_200_000 }, async () => {
  const { SPEED_URL: url, SPEED_FILE: file } = process.env;
  if (!url || !file) throw new Error('SPEED_URL and SPEED_FILE say where');
  const browser = await openBrowser();
  const found: Record<string, { cold_ms: number[]; asked: string[] }> = {};
  for (const name of Object.keys(TOUR)) {
    let address = '';
    const wrong = await look(browser, url, USUAL, async (page) => {
      await come(page, url, name);
      address = page.url();
      return [];
    });
    expect(wrong).toEqual([]);
    const cold: number[] = [];
    const asked = new Set<string>();
    for (let start = 0; start < COLD_STARTS; start++) {
      // Each look has a browser context of its own, with an empty cache.
      await look(browser, url, USUAL, async (page) => {
        page.on('request', (request) => {
          const { pathname, search } = new URL(request.url());
          if (pathname.startsWith('/api/') && !pathname.endsWith('/events')) asked.add(pathname + search);
        });
        const begin = performance.now();
        await page.goto(address);
        await usable(page);
        cold.push(performance.now() - begin);
        return [];
      });
    }
    found[name] = { cold_ms: cold, asked: [...asked] };
  }
  await browser.close();
  writeFileSync(file, JSON.stringify(found));
});
