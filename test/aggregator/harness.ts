/** A real aggregator on a free port over a temporary state, and agents that speak the link by hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { type AggregatorOptions, type RunningAggregator, startAggregator } from '../../aggregator/aggregator.ts';
import type { Check } from '../../contract/check.ts';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import type { Result } from '../../contract/result.ts';
import { encode, type FromAgent, type FromAggregator, parseFromAggregator } from '../../contract/wire.ts';

export const token = 'write-token';
export const clock = systemClock();

export function httpCheck(name: string, region: string | null, everyMs = 1_000): Check<'http'> {
  return {
    id: region === null ? name : `${name}/${region}`,
    name,
    target: 'agent-api',
    region,
    entry: region === null ? 'api' : null,
    vantages: null,
    everyMs,
    timeoutMs: 1_000,
    kind: 'http',
    url: 'https://example.test/',
    method: 'GET',
    headers: {},
    body: null,
    resolveWith: 'resolver',
    expect: { status: [200], headers: {}, bodyContains: [] },
    identity: { servedBy: null, storedIn: null },
  };
}

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
export function atEnd(end: () => Promise<void> | void): void {
  endings.push(end);
}

export function stateDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-aggregator-'));
  atEnd(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function options(over: Partial<AggregatorOptions> = {}): AggregatorOptions {
  const checks = [httpCheck('home', 'us-east-1'), httpCheck('home', 'eu-west-1'), httpCheck('entry', null)];
  return {
    listen: { host: '127.0.0.1', port: 0 },
    stateDir: over.stateDir ?? stateDir(),
    writeToken: token,
    readToken: null,
    scenario: 'agent-api',
    assignment: { version: 1, checks, regions: {}, references: [] },
    objectives: [],
    sources: [],
    prefix: 'agent',
    regions: ['us-east-1', 'eu-west-1'],
    ca: null,
    ...over,
  };
}

/** For several tests: whoever starts it stops it. */
export function start(over: Partial<AggregatorOptions>): Promise<RunningAggregator> {
  return startAggregator(options(over), { clock, random: seededRandom(1), log: silent });
}

export async function aggregator(over: Partial<AggregatorOptions> = {}): Promise<RunningAggregator> {
  const running = await start(over);
  atEnd(() => running.stop());
  return running;
}

/** For several tests, with what its log said of trouble, and why. */
export async function startLogging(over: Partial<AggregatorOptions>) {
  const said: string[] = [];
  const note = (facts: object, message: string): void => {
    said.push(`${message}: ${(facts as { readonly why?: string }).why ?? ''}`);
  };
  const log = { ...silent, warn: note, error: note };
  return { running: await startAggregator(options(over), { clock, random: seededRandom(1), log }), said };
}

export async function getJson<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(new URL(path, url));
  return (await answer.json()) as T;
}

export function post(url: string, path: string, body: unknown, bearer = token): Promise<Response> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  return fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) });
}

export type FakeAgent = {
  readonly socket: WebSocket;
  send(frame: FromAgent): void;
  sendText(text: string): void;
  next<T extends FromAggregator['type']>(type: T): Promise<Extract<FromAggregator, { type: T }>>;
  /** The code and reason of the end. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
};
export type FakeAgentOptions = {
  readonly agent?: string;
  readonly vantage?: string;
  readonly region?: string;
  readonly boot?: string;
  readonly bearer?: string;
  /** Whether it answers pings. */
  readonly answers?: boolean;
  /** How far its clock is ahead. */
  readonly aheadMs?: number;
};

export function connect(url: string, of: FakeAgentOptions = {}): FakeAgent {
  const { answers = true, aheadMs = 0, bearer = token } = of;
  const socket = new WebSocket(new URL('/agent', url.replace(/^http/, 'ws')), {
    headers: { authorization: `Bearer ${bearer}` },
  });
  atEnd(() => socket.terminate());
  const seen: FromAggregator[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    const parsed = parseFromAggregator(data.toString());
    if (!parsed.ok) throw new Error(parsed.reason);
    const { frame } = parsed;
    const nowMs = clock.nowMs() + aheadMs;
    if (frame.type === 'ping' && answers) socket.send(encode({ type: 'pong', t1: frame.t1, t2: nowMs, t3: nowMs }));
    seen.push(frame);
    for (const look of [...waiting]) look();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const whenOpen = (run: () => void): void => {
    if (socket.readyState === WebSocket.OPEN) run();
    else socket.once('open', run);
  };
  return {
    socket,
    closed,
    send: (frame) => whenOpen(() => socket.send(encode(frame))),
    sendText: (text) => whenOpen(() => socket.send(text)),
    next(type) {
      return new Promise((resolve) => {
        const look = (): void => {
          const index = seen.findIndex((frame) => frame.type === type);
          if (index < 0) return;
          waiting.delete(look);
          resolve(seen.splice(index, 1)[0] as never);
        };
        waiting.add(look);
        look();
      });
    },
  };
}

/** A connected agent that has been welcomed. */
export async function welcomed(url: string, of: FakeAgentOptions = {}) {
  const agent = connect(url, of);
  const { agent: name = 'a1', vantage = 'us-east-1', region = 'us-east-1', boot = 'boot-1' } = of;
  agent.send({ type: 'hello', agent: name, vantage, region, boot, version: '0.1.0' });
  const welcome = await agent.next('welcome');
  return { ...agent, welcome, boot };
}

export function result(seq: number, over: Partial<Result> = {}): Result {
  const startMs = over.startMs ?? clock.nowMs();
  return {
    seq,
    check: 'home/us-east-1',
    round: Math.floor(startMs / 1_000),
    startMs,
    durationMs: 20,
    outcome: 'good',
    phases: { connect: 5, firstByte: 15 },
    region: 'us-east-1',
    servedBy: 'us-east-1',
    client: 'fresh',
    burst: null,
    quality: { lateMs: 0, loopDelayMs: 0 },
    details: {},
    ...over,
  };
}

export function bad(seq: number, over: Partial<Result> = {}): Result {
  return result(seq, { outcome: 'bad', failedAt: 'answer', reason: 'status: got 503, want 200', ...over });
}

/** Sends results and waits until everything to the last of them is acknowledged. */
export async function sendResults(
  agent: Awaited<ReturnType<typeof welcomed>>,
  results: readonly Result[],
): Promise<void> {
  const [first] = results;
  const last = results.at(-1);
  if (first === undefined || last === undefined) return;
  agent.send({ type: 'results', boot: agent.boot, fromSeq: first.seq, results });
  for (let acked = 0; acked < last.seq; ) acked = (await agent.next('ack')).seq;
}
