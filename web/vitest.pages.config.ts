import { defineConfig } from 'vitest/config';

/** The pages in a real browser, against the real program: `SMARTETL=… npm run pages`; `npm run screenshots` makes pictures of some. */
const isPictures = process.env.SCREENSHOTS === '1';

export default defineConfig({
  test: {
    environment: 'node',
    include: [isPictures ? 'pages/screenshots.ts' : 'pages/**/*.test.ts'],
    fileParallelism: false,
  },
});
