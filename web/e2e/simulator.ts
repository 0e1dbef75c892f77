// A simulated cluster of Proxmox VE as a process, over real TLS, always on the same ports with the same certificates.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BINARY, freePort } from './server';

/** Of the same build as the server. */
const SIMULATOR = join(dirname(BINARY), 'sim');
const PATIENCE_MS = 60_000;
const ASK_EVERY_MS = 100;
const SIZE = ['--nodes', '1', '--guests', '6'];

export type Cluster = { endpoints: string[]; fingerprints: string[]; token: string; secret: string };

export class Simulator {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly listen: string,
    private readonly folder: string,
    private readonly size: readonly string[],
  ) {}

  /** `size`: how large the cluster is, and which, in the options of the program. */
  static async create(size: readonly string[] = SIZE): Promise<Simulator> {
    return new Simulator(`127.0.0.1:${await freePort()}`, await mkdtemp(join(tmpdir(), 'muster-sim-')), size);
  }

  /** Starts the cluster and says how to connect to it. */
  async start(): Promise<Cluster> {
    const details = join(this.folder, 'details.json');
    await rm(details, { force: true });
    const child = spawn(SIMULATOR, ['pve', '--listen', this.listen, '--details', details, ...this.size], {
      stdio: 'ignore',
    });
    this.process = child;
    const end = Date.now() + PATIENCE_MS;
    while (Date.now() < end) {
      const text = await readFile(details, 'utf8').catch(() => '');
      const [cluster] = (text.trim().endsWith(']') ? JSON.parse(text) : []) as Cluster[];
      if (cluster) return cluster;
      await new Promise(resume => setTimeout(resume, ASK_EVERY_MS));
    }
    throw new Error(
      `waited ${PATIENCE_MS} ms for ${SIMULATOR}; build it with: cargo build -p muster-testkit --bin sim`,
    );
  }

  async stop() {
    const child = this.process;
    if (child?.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    await gone;
  }

  /** Ends the cluster and removes what it left. */
  async remove() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
