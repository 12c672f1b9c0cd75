import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preview } from 'vite';

/** The real program with simulated logs and its own PostgreSQL. */
export interface Program {
  /** Where it is, without a stroke at the end. */
  url: string;
  end: () => Promise<void>;
}

/** One whose going and coming a test decides: its data and its address stay. */
export interface OwnProgram extends Program {
  leave: () => Promise<void>;
  comeBack: () => Promise<void>;
}

const PATIENCE_MS = 240_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

type Ready = (about: { environment: string | null; loading: boolean }) => boolean;

/** Simulated logs are loaded and fused. */
const hasNight: Ready = (about) => about.environment !== null && !about.loading;

async function until(ready: Ready, api: string, child?: ChildProcess) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    if (child?.exitCode != null) throw new Error(`the program ended with ${child.exitCode}`);
    const about = await fetch(`${api}/api/v1/about`)
      .then((response) => response.json() as Promise<{ environment: string | null; loading: boolean }>)
      .catch(() => undefined);
    if (about && ready(about)) return;
    await new Promise((later) => setTimeout(later, 250));
  }
  throw new Error('the program is not ready');
}

function programThere(): string {
  const program = process.env.SMARTETL;
  if (program === undefined) throw new Error('set SMARTETL to the program that was built');
  return program;
}

/** `SMARTETL` names the program, which brings the pages that were built when it was. */
async function start(flags: string[], ready: Ready): Promise<OwnProgram> {
  const program = programThere();
  const folder = await mkdtemp(join(tmpdir(), 'smartetl-pages-'));
  const port = await freePort();
  const launch = () =>
    spawn(program, ['--data-dir', folder, 'up', '--port', String(port), ...flags], {
      stdio: 'ignore',
      env: { ...process.env, SMARTETL_TIMEZONE: 'Europe/Paris' },
    });
  let child = launch();
  const url = `http://127.0.0.1:${port}`;
  const leave = async () => {
    const ended = new Promise((exit) => child.once('exit', exit));
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
  };
  const comeBack = async () => {
    child = launch();
    await until(ready, url, child);
  };
  const end = async () => {
    await leave();
    await rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
  };
  try {
    await until(ready, url, child);
  } catch (error) {
    await end();
    throw error;
  }
  if (process.env.SMARTETL_APP !== 'dist') return { url, end, leave, comeBack };
  const front = await inFront(url);
  return {
    url: front.url,
    leave,
    comeBack,
    end: async () => {
      await front.end();
      await end();
    },
  };
}

/** The pages of `web/dist` before a program, without building it again: `SMARTETL_APP=dist`. */
async function inFront(api: string): Promise<Program> {
  const port = await freePort();
  const proxy = { '/api': { target: api, changeOrigin: true } };
  const pages = await preview({ preview: { host: '127.0.0.1', port, strictPort: true, proxy } });
  return { url: `http://127.0.0.1:${port}`, end: () => pages.close() };
}

/** `SMARTETL_URL` names one that runs, with simulated logs. */
async function standBefore(api: string): Promise<Program> {
  await until(hasNight, api);
  return inFront(api);
}

export function startProgram(): Promise<Program> {
  const running = process.env.SMARTETL_URL;
  return running === undefined ? start(['--demo'], hasNight) : standBefore(running);
}

/** One that watches a folder; what is in it is loaded and fused. Settings are like `http.login=always`. */
export function startWatching(folder: string, settings: string[] = [], ready: Ready = (about) => !about.loading) {
  return start([folder, ...settings.flatMap((setting) => ['--set', setting])], ready);
}

/** What it answers to strangers says nothing of what is loaded. */
export const answers: Ready = () => true;

/** A simulated quarter of a company with so many jobs; or what `SMARTETL_URL` names. */
export async function startQuarter(jobs: number): Promise<Program> {
  if (process.env.SMARTETL_URL !== undefined) return standBefore(process.env.SMARTETL_URL);
  const folder = await mkdtemp(join(tmpdir(), 'smartetl-quarter-'));
  const made = spawn(programThere(), ['simulate', '--jobs', String(jobs), '--days', '91', '--output', folder], {
    stdio: 'ignore',
  });
  const code = await new Promise((exit) => made.once('exit', exit));
  if (code !== 0) throw new Error(`simulate ended with ${String(code)}`);
  const program = await startWatching(join(folder, 'logs'), [], hasNight);
  const end = async () => {
    await program.end();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: program.url, end };
}
