/**
 * What http probes on new connections cost: 1,000 checks every second on one core, plain and over verified TLS, with the
 * targets in another process; how fast the agent starts and how much it holds when it has nothing to do. The agent is
 * bundled, as it is published. `node bench/agent.ts [checks] [seconds]` prints a table.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Check } from '../contract/check.ts';
import { systemClock } from '../contract/clock.ts';
import { silent } from '../contract/log.ts';
import type { Result } from '../contract/result.ts';
import { parseFromAgent } from '../contract/wire.ts';
import { assignmentFile } from '../probes/assignment-file.ts';
import { openSpool } from '../probes/spool.ts';
import type { Order, Spent } from './agent/measured.ts';
import { addressOf } from './agent/targets.ts';

const warmUpMs = 5_000;
const root = import.meta.dirname;

/** On a core of its own where `taskset` is there to see to it. */
function start(file: string, core: number, args: readonly string[]): ChildProcess {
  const taskset = { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath] };
  return fork(file, args, cpus().length > 1 && process.platform === 'linux' ? taskset : {});
}

async function bundle(dir: string): Promise<string> {
  const outfile = join(dir, 'measured.mjs');
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: [join(root, 'agent', 'measured.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: require },
    nodePaths: [join(root, '..', 'node_modules')],
  });
  return outfile;
}

function checkOf(url: string, index: number): Check {
  return {
    id: `bench/${index}`,
    name: 'bench',
    target: 'bench',
    region: null,
    entry: null,
    vantages: null,
    everyMs: 1_000,
    timeoutMs: 900,
    kind: 'http',
    url,
    method: 'GET',
    headers: {},
    body: null,
    resolveWith: 'resolver',
    expect: { status: [200], headers: {}, bodyContains: [] },
    identity: { servedBy: null, storedIn: null },
  };
}

async function measure(agentFile: string, scheme: 'http' | 'https', count: number, measureMs: number): Promise<string> {
  const stateDir = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));
  const targets = start(join(root, 'agent', 'targets.ts'), 1, [scheme, String(count)]);
  try {
    const [{ port, ca }] = (await once(targets, 'message')) as [{ port: number; ca: string }];
    const urls = Array.from({ length: count }, (_, index) => `${scheme}://${addressOf(index)}:${port}/`);
    assignmentFile(stateDir, silent).save({ version: 1, checks: urls.map(checkOf), regions: {}, references: [] });
    const spent = await measured(agentFile, { stateDir, ca, warmUpMs, measureMs });
    return row(scheme, count, spent, resultsIn(stateDir, spent));
  } finally {
    targets.disconnect();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function idle(agentFile: string): Promise<string> {
  const stateDir = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));
  try {
    const spent = await measured(agentFile, { stateDir, ca: null, warmUpMs: 0, measureMs: 5_000 });
    return `starts in ${spent.startedAfterMs.toFixed(0)} ms, idles at ${megabytes(spent.rssBytes)} MB and ${(spent.cpuMs / 5).toFixed(1)} CPU ms a second`;
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function measured(agentFile: string, order: Order): Promise<Spent> {
  const child = start(agentFile, 0, []);
  child.send(order);
  const [spent] = (await once(child, 'message')) as [Spent];
  await once(child, 'exit');
  return spent;
}

/** What the agent spooled while it was measured. */
function resultsIn(stateDir: string, spent: Spent): readonly Result[] {
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
  return found.filter(({ startMs }) => startMs >= spent.fromMs && startMs < spent.toMs);
}

function row(scheme: string, count: number, spent: Spent, results: readonly Result[]): string {
  const seconds = (spent.toMs - spent.fromMs) / 1_000;
  const outcomes = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
  const late = results.map((result) => result.quality.lateMs);
  const cells = [
    scheme,
    `${count} @ 1 s`,
    (results.length / seconds).toFixed(0),
    ((1_000 * spent.cpuMs) / results.length).toFixed(0),
    megabytes(spent.rssBytes),
    quantiles(late),
    quantiles(gapDeviations(results)),
    `${outcomes('good')} / ${outcomes('bad')} / ${outcomes('missing')}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** By how much the time between two probes of one target departs from a second. */
function gapDeviations(results: readonly Result[]): readonly number[] {
  const last = new Map<string, number>();
  const deviations: number[] = [];
  for (const { check, startMs } of results.toSorted((a, b) => a.startMs - b.startMs)) {
    const before = last.get(check);
    if (before !== undefined) deviations.push(Math.abs(startMs - before - 1_000));
    last.set(check, startMs);
  }
  return deviations;
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(2);
  return `${at(0.5)} / ${at(0.99)} / ${at(1)}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 1_000);
  const seconds = Number(process.argv[3] ?? 20);
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));
  try {
    const agentFile = await bundle(dir);
    const day = new Date(systemClock().wallMs()).toISOString().slice(0, 10);
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
    console.log(`${machine}, Node ${process.version}, ${day}, ${seconds} s each\n`);
    console.log(`The bundled agent (${(statSync(agentFile).size / 1_024).toFixed(0)} KB) ${await idle(agentFile)}.\n`);
    console.log(
      '| probe | load | probes/s | CPU ms /1000 probes | RSS MB | late p50 / p99 / max ms | gap deviation p50 / p99 / max ms | good / bad / missing |',
    );
    console.log('|---|---|---|---|---|---|---|---|');
    for (const scheme of ['http', 'https'] as const) {
      console.log(await measure(agentFile, scheme, count, 1_000 * seconds));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

await main();
