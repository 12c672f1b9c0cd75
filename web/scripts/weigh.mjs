// Says what a browser fetches before the first page shows, and fails when the scripts are too heavy.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 350;
const read = (file) => readFileSync(new URL(`../dist/${file}`, import.meta.url));
const manifest = JSON.parse(read('.vite/manifest.json'));

const files = new Set();
const styles = new Set();
const take = (key) => {
  const part = manifest[key];
  if (files.has(part.file)) return;
  files.add(part.file);
  for (const style of part.css ?? []) styles.add(style);
  for (const other of part.imports ?? []) take(other);
};
// The start page is a part of its own, and is fetched at once.
take('index.html');
take('src/features/tonight/TonightPage.tsx');

const weigh = (names) => [...names].reduce((sum, name) => sum + gzipSync(read(name), { level: 9 }).length, 0) / 1024;
const scripts = weigh(files);
console.log(`first page: ${scripts.toFixed(0)} KB of scripts, ${weigh(styles).toFixed(0)} KB of styles, compressed`);
if (scripts > LIMIT_KB) {
  console.error(`more than ${LIMIT_KB} KB of scripts`);
  process.exit(1);
}
