/**
 * What the aggregator costs: results committed to disk per second over a real link, and what a `/metrics` of 100,000
 * series takes and holds up. The aggregator has a process of its own, on one core with all its threads; what sends and
 * scrapes has another. `node bench/aggregator.ts [seconds] [agents] [checks]` prints a table.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { systemClock } from '../contract/clock.ts';
import type { Result } from '../contract/result.ts';
import { encode, parseFromAggregator } from '../contract/wire.ts';
import type { Order, Spent } from './aggregator/measured.ts';

const [seconds = 10, agents = 4, checks = 200] = process.argv.slice(2).map(Number);
const clock = systemClock();
const token = 'bench';
const resultsPerFrame = 500;
/** Frames that are sent and not acknowledged yet, per agent. */
const framesInFlight = 8;
/** One label set has its histogram, two phases and its outcome: 28 series. */
const seriesPerLabelSet = 28;
const wantedSeries = 100_000;
const scrapes = 10;

type Measured = { readonly child: ChildProcess; readonly url: string; spent(): Promise<Spent>; stop(): Promise<void> };

async function start(dir: string, checkCount: number): Promise<Measured> {
  const pinned = { execPath: 'taskset', execArgv: ['-c', '0', process.execPath] };
  const isPinned = cpus().length > 1 && process.platform === 'linux';
  const file = join(import.meta.dirname, 'aggregator', 'measured.ts');
  const child = fork(file, [dir, token, String(checkCount)], isPinned ? pinned : {});
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the aggregator ended with ${code}`)));
  died.catch(() => undefined);
  const [{ url }] = (await Promise.race([once(child, 'message'), died])) as [{ url: string }];
  return {
    child,
    url,
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

function resultOf(seq: number, check: number, startMs: number): Result {
  return {
    seq,
    check: `check-${check}/us-east-1`,
    round: Math.floor(startMs / 1_000),
    startMs,
    durationMs: 20 + (seq % 100) / 10,
    outcome: 'good',
    phases: { connect: 5.25, firstByte: 14.5 },
    region: 'us-east-1',
    servedBy: 'us-east-1',
    client: 'fresh',
    burst: null,
    quality: { lateMs: 0.25, loopDelayMs: 1.5 },
    details: { address: '127.1.0.1:40443', status: 200 },
  };
}

type Sender = { send(count: number): void; acked(): number; waitFor(seq: number): Promise<void>; close(): void };

/** An agent that answers pings and sends frames made beforehand: only their first number is put in. */
async function sender(url: string, vantage: string): Promise<Sender> {
  const socket = new WebSocket(new URL('/agent', url.replace(/^http/, 'ws')), {
    headers: { authorization: `Bearer ${token}` },
  });
  const looks = new Set<() => void>();
  let acked = 0;
  let nextSeq = 1;
  let nextCheck = 0;
  await once(socket, 'open');
  socket.on('message', (data) => {
    const parsed = parseFromAggregator(data.toString());
    if (!parsed.ok) return;
    const nowMs = clock.nowMs();
    if (parsed.frame.type === 'ping') socket.send(encode({ type: 'pong', t1: parsed.frame.t1, t2: nowMs, t3: nowMs }));
    if (parsed.frame.type !== 'ack') return;
    acked = parsed.frame.seq;
    for (const look of [...looks]) look();
  });
  socket.send(encode({ type: 'hello', agent: vantage, vantage, region: 'us-east-1', boot: 'bench', version: '0' }));
  const bodies = new Map<string, string>();
  function bodyOf(count: number): string {
    const key = `${count}/${nextCheck}`;
    const from = nextCheck;
    nextCheck = (nextCheck + count) % checksNow;
    let body = bodies.get(key);
    if (body === undefined) {
      const startMs = clock.nowMs();
      const results = Array.from({ length: count }, (_, index) =>
        resultOf(1 + index, (from + index) % checksNow, startMs),
      );
      body = encode({ type: 'results', boot: 'bench', fromSeq: 1, results }).replace(/^.*?"fromSeq":1,/, '');
      bodies.set(key, body);
    }
    return body;
  }
  return {
    send(count) {
      socket.send(`{"v":1,"type":"results","boot":"bench","fromSeq":${nextSeq},${bodyOf(count)}`);
      nextSeq += count;
    },
    acked: () => acked,
    waitFor: (seq) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (acked < seq) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    close: () => socket.close(),
  };
}
let checksNow = checks;

async function inOwnState<T>(checkCount: number, work: (measured: Measured) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));
  checksNow = checkCount;
  const measured = await start(dir, checkCount);
  try {
    return await work(measured);
  } finally {
    await measured.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function ingest(measured: Measured): Promise<string> {
  const senders = await Promise.all(
    Array.from({ length: agents }, (_, index) => sender(measured.url, `vantage-${index}`)),
  );
  let until = clock.nowMs() + 2_000;
  const pump = async (one: Sender): Promise<void> => {
    for (let sent = one.acked(); clock.nowMs() < until; ) {
      while (sent - one.acked() < framesInFlight * resultsPerFrame) {
        one.send(resultsPerFrame);
        sent += resultsPerFrame;
      }
      await one.waitFor(sent - (framesInFlight - 1) * resultsPerFrame);
    }
  };
  const total = (): number => senders.reduce((sum, one) => sum + one.acked(), 0);
  await Promise.all(senders.map(pump));
  const before = { at: clock.nowMs(), acked: total(), spent: await measured.spent() };
  until = clock.nowMs() + seconds * 1_000;
  await Promise.all(senders.map(pump));
  const tookMs = clock.nowMs() - before.at;
  const results = total() - before.acked;
  const spent = await measured.spent();
  for (const one of senders) one.close();
  const cpuMs = spent.cpuMs - before.spent.cpuMs;
  return row('results committed', [
    [`${Math.round((results / tookMs) * 1_000).toLocaleString('en')} a second on one core`],
    [`${(cpuMs / (results / 1_000)).toFixed(2)} CPU s per 1 M`],
    [`pause at most ${spent.pauseMs.toFixed(1)} ms`],
    [`${(spent.rssBytes / 1_048_576).toFixed(0)} MB RSS`],
  ]);
}

async function scrape(measured: Measured): Promise<string> {
  const vantages = 20;
  const senders = await Promise.all(
    Array.from({ length: vantages }, (_, index) => sender(measured.url, `vantage-${index}`)),
  );
  for (const one of senders) {
    for (let sent = 0; sent < checksNow; sent += 100) one.send(Math.min(100, checksNow - sent));
    await one.waitFor(checksNow);
  }
  let bytes = 0;
  let series = 0;
  let slowestMs = 0;
  let tookMs = 0;
  await read(measured.url);
  const before = await measured.spent();
  for (let time = 0; time < scrapes; time += 1) {
    const startedMs = clock.nowMs();
    const text = await read(measured.url);
    const lengthMs = clock.nowMs() - startedMs;
    slowestMs = Math.max(slowestMs, lengthMs);
    tookMs += lengthMs;
    bytes = text.length;
    series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  }
  const spent = await measured.spent();
  for (const one of senders) one.close();
  return row(`/metrics of ${series.toLocaleString('en')} series, ${(bytes / 1e6).toFixed(1)} MB`, [
    [`${(tookMs / scrapes).toFixed(0)} ms (slowest ${slowestMs.toFixed(0)})`],
    [`${((spent.cpuMs - before.cpuMs) / scrapes).toFixed(0)} CPU ms each`],
    [`pause at most ${spent.pauseMs.toFixed(1)} ms`],
    [`${(spent.rssBytes / 1_048_576).toFixed(0)} MB RSS`],
  ]);
}

async function read(url: string): Promise<string> {
  return (await fetch(new URL('/metrics', url))).text();
}

function row(what: string, cells: readonly (readonly string[])[]): string {
  return `| ${[what, ...cells.flat()].join(' | ')} |`;
}

const rows = [
  await inOwnState(checks, ingest),
  await inOwnState(Math.ceil(wantedSeries / seriesPerLabelSet / 20), scrape),
];
console.log(
  `\n${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}; ${agents} agents, ${checks} checks, frames of ${resultsPerFrame}\n`,
);
console.log(['| what | rate or time | CPU | event loop | memory |', '|---|---|---|---|---|', ...rows].join('\n'));
