import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Pictures are kept here: they are to be looked at. */
export const SHOTS = process.env.SHOTS ?? join('node_modules', '.cache', 'shots');

mkdirSync(SHOTS, { recursive: true });
