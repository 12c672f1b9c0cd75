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
    // What most pages share comes in one piece: a browser asks for six at a time.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 3 }] } } },
    chunkSizeWarningLimit: 600,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
  },
});
