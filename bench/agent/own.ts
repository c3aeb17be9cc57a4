/** Our agent: bundled, started, and what it spooled. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { CheckCommon } from '../../contract/check.ts';
import { silent } from '../../contract/log.ts';
import type { Result } from '../../contract/result.ts';
import { parseFromAgent } from '../../contract/wire.ts';
import { assignmentFile } from '../../probes/assignment-file.ts';
import { openSpool } from '../../probes/spool.ts';
import type { Spent } from '../aggregator/orders.ts';
import { spentBy } from '../aggregator/programs.ts';
import type { Kind } from './kinds.ts';
import type { Order, Started } from './measured.ts';
import { addressOf } from './targets.ts';

const root = join(import.meta.dirname, '..', '..');
export const canPin = cpus().length > 1 && process.platform === 'linux';

/** On a core of its own where `taskset` is there to see to it. */
export function pinned(core: number): Parameters<typeof fork>[2] {
  return canPin ? { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath] } : {};
}

export async function bundle(dir: string): Promise<string> {
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
  await build({
    // Beside each other, as they are published.
    entryPoints: {
      measured: join(root, 'bench', 'agent', 'measured.ts'),
      'agent-worker': join(root, 'probes', 'threads', 'worker.ts'),
    },
    outdir: dir,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: require },
    nodePaths: [join(root, 'node_modules')],
  });
  return join(dir, 'measured.js');
}

export type Own = {
  readonly startedAfterMs: number;
  spent(): Spent;
  /** CPU milliseconds of each thread, by its number. */
  spentByThread(): ReadonlyMap<number, number>;
  /** Ends it; what it spooled between two instants of its timeline. */
  stop(fromMs: number, toMs: number): Promise<readonly Result[]>;
};

export type Targets = { readonly kind: Kind; readonly port: number; readonly ca: string; readonly count: number };

export function assign(stateDir: string, { kind, port, count }: Targets): void {
  const checks = Array.from({ length: count }, (_, index) => {
    const common: CheckCommon = {
      id: `bench/${index}`,
      name: 'bench',
      target: 'bench',
      region: null,
      entry: null,
      vantages: null,
      everyMs: 1_000,
      timeoutMs: 900,
    };
    return kind.check(common, addressOf(index), port);
  });
  assignmentFile(stateDir, silent).save({ version: 1, checks, regions: {}, references: [] });
}

/** With what is assigned on disk. */
export async function startOwn(file: string, stateDir: string, ca: string | null, threads = 1): Promise<Own> {
  // As in the image.
  const child = fork(file, [], { ...pinned(0), env: { ...process.env, MALLOC_ARENA_MAX: '1' } });
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the agent ended with ${code}`)));
  died.catch(() => undefined);
  child.send({ stateDir, ca, threads } satisfies Order);
  const [{ startedAfterMs }] = (await Promise.race([once(child, 'message'), died])) as [Started];
  return {
    startedAfterMs,
    spent: () => spentBy(child),
    spentByThread: () => spentByThreadsOf(child.pid ?? 0),
    async stop(fromMs, toMs) {
      child.send('stop');
      await once(child, 'exit');
      return spooledIn(stateDir).filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
    },
  };
}

/** The kernel's own count of nanoseconds on a processor: its ticks are too coarse for a thread that hardly works. */
function spentByThreadsOf(pid: number): ReadonlyMap<number, number> {
  const numbers = readdirSync(`/proc/${pid}/task`).map(Number);
  return new Map(
    numbers.map((number) => {
      const [onProcessorNs = '0'] = readFileSync(`/proc/${pid}/task/${number}/schedstat`, 'utf8').split(' ');
      return [number, Number(onProcessorNs) / 1_000_000];
    }),
  );
}

function spooledIn(stateDir: string): readonly Result[] {
  const spool = openSpool({ stateDir, boot: 'reader', maxBytes: Number.POSITIVE_INFINITY }, silent);
  const found: Result[] = [];
  for (const boot of spool.olderBoots()) {
    let after = 0;
    for (let frame = spool.next(boot, after); frame !== undefined; frame = spool.next(boot, after)) {
      const parsed = parseFromAgent(frame.text);
      if (parsed.ok && parsed.frame.type === 'results') found.push(...parsed.frame.results);
      after = frame.toSeq;
    }
  }
  spool.close();
  return found;
}
