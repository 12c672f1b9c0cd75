import { defineConfig } from 'vitest/config';

/**
 * The pages in a real browser, against the real program: `SMARTETL=… npm run pages`; `npm run screenshots` makes pictures of some,
 * `npm run speed` measures them for `bench/web.py`.
 */
const { SCREENSHOTS, SPEED_URL } = process.env;
const alone = SCREENSHOTS === '1' ? 'pages/screenshots.ts' : SPEED_URL ? 'pages/speed.ts' : undefined;

export default defineConfig({
  test: {
    environment: 'node',
    include: [alone ?? 'pages/**/*.test.ts'],
    fileParallelism: false,
  },
});
