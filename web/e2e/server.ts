// The real server as a process: started on a free port and a data directory of its own, stopped, started again.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BINARY = process.env.MUSTER_BIN ?? fileURLToPath(new URL('../../target/debug/muster', import.meta.url));
const PATIENCE_MS = 60_000;
const ASK_EVERY_MS = 100;
/** Only the last of what the server says is kept, for the message of a failed start. */
const LOG_KEPT = 4000;

/** Below the ports that the system hands out by itself: it stays free while the server is away. */
const PORTS = { from: 12_000, to: 32_000 } as const;

export async function freePort(): Promise<number> {
  const port = randomInt(PORTS.from, PORTS.to);
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return freePort();
  }
  probe.close();
  await once(probe, 'close');
  return port;
}

export class Server {
  private process: ChildProcess | undefined;
  private log = '';

  private constructor(
    readonly url: string,
    private readonly listen: string,
    private readonly dataDir: string,
  ) {}

  static async create(): Promise<Server> {
    const listen = `127.0.0.1:${await freePort()}`;
    const server = new Server(`http://${listen}`, listen, await mkdtemp(join(tmpdir(), 'muster-e2e-')));
    await server.start();
    return server;
  }

  async start() {
    const child = spawn(BINARY, ['serve', '--data-dir', this.dataDir, '--listen', this.listen], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => {
      this.log = (this.log + chunk.toString()).slice(-LOG_KEPT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.process = child;
    await this.until('ready', async () => (await fetch(`${this.url}/readyz`)).ok);
  }

  async stop() {
    const child = this.process;
    if (child?.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  /** Ends the server and removes its data. */
  async remove() {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** The set-up link, which a server without a terminal writes to a file that only its user can read. */
  async setupLink(): Promise<string> {
    const path = join(this.dataDir, 'setup-link');
    await this.until('to write its set-up link', async () => (await readFile(path, 'utf8')) !== '');
    return (await readFile(path, 'utf8')).trim();
  }

  private async until(what: string, done: () => Promise<boolean>) {
    const end = Date.now() + PATIENCE_MS;
    while (!(await done().catch(() => false))) {
      if (Date.now() > end) throw new Error(`waited ${PATIENCE_MS} ms for the server ${what}; it said:\n${this.log}`);
      await new Promise(resume => setTimeout(resume, ASK_EVERY_MS));
    }
  }
}
