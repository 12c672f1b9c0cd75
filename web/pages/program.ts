import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preview, type PreviewServer } from 'vite';

/** The real program with simulated logs and its own PostgreSQL, and the built pages in front of it. */
export interface Program {
  /** Where the app is. */
  url: string;
  end: () => Promise<void>;
}

const PATIENCE_MS = 240_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Waits until the first night is there: simulated logs are loaded and fused. */
async function firstNight(api: string, child: ChildProcess) {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}`);
    const about = await fetch(`${api}/api/v1/about`)
      .then((response) => response.json() as Promise<{ environment: string | null; loading: boolean }>)
      .catch(() => undefined);
    if (about?.environment != null && !about.loading) return;
    await new Promise((later) => setTimeout(later, 250));
  }
  throw new Error('the program shows no night');
}

/** `SMARTETL` names the program. */
export async function startProgram(): Promise<Program> {
  const program = process.env.SMARTETL;
  if (program === undefined) throw new Error('set SMARTETL to the program that was built');
  const folder = await mkdtemp(join(tmpdir(), 'smartetl-pages-'));
  const [port, pagesPort] = [await freePort(), await freePort()];
  const child = spawn(program, ['--data-dir', folder, 'up', '--demo', '--port', String(port)], { stdio: 'ignore' });
  const api = `http://127.0.0.1:${port}`;
  let pages: PreviewServer | undefined;
  const end = async () => {
    await pages?.close();
    const ended = new Promise((exit) => child.once('exit', exit));
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await firstNight(api, child);
    const proxy = { '/api': { target: api, changeOrigin: true } };
    pages = await preview({ preview: { host: '127.0.0.1', port: pagesPort, strictPort: true, proxy } });
  } catch (error) {
    await end();
    throw error;
  }
  return { url: `http://127.0.0.1:${pagesPort}`, end };
}
