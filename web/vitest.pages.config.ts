import { defineConfig } from 'vitest/config';

/** The pages in a real browser, against the real program: `SMARTETL=… npm run pages`, after `npm run build`. */
export default defineConfig({
  test: { environment: 'node', include: ['pages/**/*.test.ts'], fileParallelism: false },
});
