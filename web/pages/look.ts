import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';

/** How a page is looked at. */
export interface Manner {
  width: number;
  height: number;
  scheme: 'light' | 'dark';
  lang: 'en' | 'fr';
}

const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

const ALL: Manner[] = [WIDE, NARROW].flatMap((size) =>
  (['light', 'dark'] as const).flatMap((scheme) => (['en', 'fr'] as const).map((lang) => ({ ...size, scheme, lang }))),
);

/** Opposite corners, the longer words in the narrower window; `LOOK=all` has all of them. */
export function mannersOf(number: number): Manner[] {
  if (process.env.LOOK === 'all') return ALL;
  const [one, other] = number % 2 === 0 ? (['light', 'dark'] as const) : (['dark', 'light'] as const);
  return [
    { ...WIDE, scheme: one, lang: 'en' },
    { ...NARROW, scheme: other, lang: 'fr' },
  ];
}
export const USUAL: Manner = { ...WIDE, scheme: 'light', lang: 'en' };

export const nameOf = ({ width, height, scheme, lang }: Manner) => `${width}x${height}-${scheme}-${lang}`;

/** Debian's browser, alone with the pages. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
}

/** A page for a while. What must not happen is told at the end: errors of the console, requests to anywhere else. */
export async function look(browser: Browser, url: string, manner: Manner, act: (page: Page) => Promise<string[]>) {
  const { width, height, scheme, lang } = manner;
  const locale = lang === 'fr' ? 'fr-FR' : 'en-GB';
  // What fades in is looked at when it is there: half of its colours have half of the contrast.
  const reducedMotion = 'reduce' as const;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale, reducedMotion });
  const wrong: string[] = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) wrong.push(`a request leaves: ${request.url()}`);
    });
    const found = await act(page).catch(async (error: unknown) => {
      const shown = await page.locator('body').innerText();
      throw new Error(`${String(error)}\n${wrong.join('\n')}\nThe page says:\n${shown}`, { cause: error });
    });
    return [...wrong, ...found];
  } finally {
    await context.close();
  }
}

/** Everything that was asked for has come, and can be used; of long lists the first screen at least. */
export async function usable(page: Page) {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('main [role="status"]') === null);
  await page.evaluate(() => document.fonts.ready);
}

/** Nothing more is drawn. */
export async function settled(page: Page) {
  await usable(page);
  await page.waitForFunction(() => document.querySelector('main [aria-busy="true"]') === null);
}

/** What is wrong with the picture itself: it is wider than the window, text is cut, no part or several are open, somebody cannot use it. */
export async function faults(page: Page): Promise<string[]> {
  const found = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    const isCut = (element: Element) => {
      const style = getComputedStyle(element);
      const isHidden = style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis' && style.clipPath === 'none';
      return isHidden && element.children.length === 0 && element.scrollWidth > element.clientWidth + 1;
    };
    const cut = [...document.querySelectorAll('header *, main *')].filter(isCut);
    // Lines are axes: what a chart shows is made of these.
    const shows = (mark: Element) => {
      const { width, height } = mark.getBoundingClientRect();
      return width > 0 || height > 0;
    };
    const empty = [...document.querySelectorAll('main svg[role]')].filter(
      (chart) =>
        chart.getClientRects().length > 0 &&
        ![...chart.querySelectorAll('path, rect, circle, polyline, polygon')].some(shows),
    );
    const tabs = [...document.querySelectorAll('main nav[class*="tabs"]')];
    const torn = tabs.filter((nav) => nav.querySelectorAll('a[aria-current="page"]').length !== 1);
    return [
      ...torn.map((nav) => `not one part is open: ${nav.textContent}`),
      ...(wide > 0 ? [`the page is ${wide} px wider than the window`] : []),
      ...cut.map((element) => `cut: ${element.textContent.slice(0, 60)}`),
      ...empty.map((chart) => `empty chart: ${chart.getAttribute('aria-label') ?? ''}`),
    ];
  });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return [...found, ...serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160) ?? ''}`)];
}
