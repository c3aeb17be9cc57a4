/** The programs that are measured, each on the first core with all its threads, and what they have spent. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { sleep, systemClock } from '../../contract/clock.ts';
import type { Order, Spent } from './orders.ts';

const clock = systemClock();
const root = join(import.meta.dirname, '..', '..');
const canPin = cpus().length > 1 && process.platform === 'linux';
const readyWithinMs = 30_000;

export async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Programs of ours as they are published: bundled, with the store's thread beside them. */
export async function bundled(dir: string): Promise<(name: string) => string> {
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: {
      measured: join(root, 'bench/aggregator/measured.ts'),
      client: join(root, 'bench/aggregator/client.ts'),
      'store-worker': join(root, 'aggregator/store/worker.ts'),
    },
    outdir: dir,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: require },
    nodePaths: [join(root, 'node_modules')],
    logLevel: 'error',
  });
  return (name) => join(dir, `${name}.js`);
}

export type Measured = {
  readonly url: string;
  /** From its start until it listens. */
  readonly startedMs: number;
  spent(): Promise<Spent>;
  stop(): Promise<void>;
};

/** One of ours, which says itself what it has spent. */
export async function start(file: string, args: readonly string[]): Promise<Measured> {
  const pinned = { execPath: 'taskset', execArgv: ['-c', '0', process.execPath] };
  const began = clock.nowMs();
  const child = fork(file, args, canPin ? pinned : {});
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`)));
  died.catch(() => undefined);
  const [{ url }] = (await Promise.race([once(child, 'message'), died])) as [{ url: string }];
  return {
    url,
    startedMs: clock.nowMs() - began,
    async spent() {
      child.send({ type: 'spent' } satisfies Order);
      const [spent] = (await Promise.race([once(child, 'message'), died])) as [Spent];
      return spent;
    },
    async stop() {
      child.send({ type: 'stop' } satisfies Order);
      await once(child, 'exit');
    },
  };
}

export type Peer = { readonly url: string; spent(): Spent; stop(): Promise<void> };

/** A server that is started by a command, on one core. Resolves when it is ready. */
export async function startPeer(
  program: string,
  argv: (at: string) => readonly string[],
  ready: string,
  core = 0,
): Promise<Peer> {
  const at = `127.0.0.1:${await freePort()}`;
  const command = canPin ? ['taskset', '-c', String(core), program, ...argv(at)] : [program, ...argv(at)];
  const child = spawn(command[0] as string, command.slice(1), { stdio: 'ignore' });
  const url = `http://${at}`;
  const untilMs = clock.nowMs() + readyWithinMs;
  while ((await fetch(url + ready).catch(() => undefined))?.ok !== true) {
    if (clock.nowMs() > untilMs || child.exitCode !== null) throw new Error(`${program} does not start`);
    await sleep(clock, 100);
  }
  return {
    url,
    spent: () => spentBy(child),
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** User and system time of all threads in ticks of 10 ms, and what is resident. */
export function spentBy({ pid = 0 }: Pick<ChildProcess, 'pid'>): Spent {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
    rssBytes: Number(resident) * 1_024,
    pauseMs: Number.NaN,
    pauseP99Ms: Number.NaN,
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
