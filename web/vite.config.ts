import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the API: a smartETL that runs. */
const api = process.env.SMARTETL_URL ?? 'http://127.0.0.1:8480';

export default defineConfig({
  base: '/app/',
  plugins: [react()],
  server: { proxy: { '/api': { target: api, changeOrigin: true } } },
  build: {
    manifest: true,
    // What others wrote goes along with what they ask for it.
    license: { fileName: 'licences.md' },
    // Data addresses would need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    // Charts are the only large part, and come when a page with one is opened.
    chunkSizeWarningLimit: 600,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
  },
});
