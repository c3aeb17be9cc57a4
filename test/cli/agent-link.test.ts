/** The agent link of a real aggregator process, with frames written by hand: no more fields than INTERFACES has. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { FleetAnswer, ResultsAnswer } from '../../contract/api.ts';
import { type Aggregator, metric, startAggregator, workshop, writeToken } from './workshop.ts';

const shop = workshop();
let aggregator: Aggregator;
beforeAll(async () => {
  aggregator = await startAggregator(shop);
});

type Frame = { readonly [key: string]: unknown };
type Peer = {
  send(frame: Frame | string | Buffer): void;
  /** Resolves with the next frame of that type that was not taken yet. */
  next(type: string): Promise<Frame>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): void;
};

function connect(bearer = writeToken, at = aggregator): Peer {
  const url = new URL('/agent', at.url.replace('http', 'ws'));
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${bearer}` } });
  const came: Frame[] = [];
  const looks = new Set<() => void>();
  const opened = new Promise<void>((resolve) => socket.once('open', () => resolve()));
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    const frame = JSON.parse(data.toString()) as Frame;
    if (frame['type'] === 'ping') {
      const nowMs = performance.timeOrigin + performance.now();
      socket.send(JSON.stringify({ v: 1, type: 'pong', t1: frame['t1'], t2: nowMs, t3: nowMs }));
    }
    came.push(frame);
    for (const look of looks) look();
  });
  return {
    send: (frame) => {
      const bytes = typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame);
      void opened.then(() => socket.send(bytes));
    },
    next: (type) =>
      new Promise((resolve) => {
        const look = (): void => {
          const index = came.findIndex((frame) => frame['type'] === type);
          if (index === -1) return;
          looks.delete(look);
          resolve(came.splice(index, 1)[0] ?? {});
        };
        looks.add(look);
        look();
      }),
    closed: new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    ),
    close: () => socket.close(),
  };
}

function hello(agent: string, boot = `${agent}-boot`): Frame {
  return { v: 1, type: 'hello', agent, vantage: agent, region: 'us-east-1', boot, version: '0.1.0' };
}

async function greeted(agent: string, at = aggregator): Promise<Peer> {
  const peer = connect(writeToken, at);
  peer.send(hello(agent));
  await peer.next('welcome');
  return peer;
}

/** As INTERFACES writes it: nothing optional. */
function results(agent: string, fromSeq: number, count: number): Frame {
  const each = <T>(value: T): T[] => Array.from({ length: count }, () => value);
  const startMs = performance.timeOrigin + performance.now() - 1_000;
  return {
    v: 1,
    type: 'results',
    boot: `${agent}-boot`,
    fromSeq,
    check: each('entry'),
    round: Array.from({ length: count }, (_, index) => Math.floor(startMs / 1_000) + index),
    startMs: Array.from({ length: count }, (_, index) => startMs + index),
    durationMs: each(12.5),
    outcome: each('good'),
    phases: { resolve: each(1), connect: each(2), tls: each(3), firstByte: each(4), transfer: each(2.5) },
    region: each('us-east-1'),
    servedBy: each('us-east-1'),
    quality: {},
  };
}

async function counted(agent: string): Promise<readonly number[]> {
  const answer = (await (await fetch(`${aggregator.url}/api/v1/results?limit=10000`)).json()) as ResultsAnswer;
  return answer.results.filter((result) => result.agent === agent).map(({ seq }) => seq);
}

/** Another agent, which nothing that is done here may disturb. */
async function unharmed(bystander: Peer, seq: number): Promise<void> {
  bystander.send(results('bystander', seq, 1));
  expect(await bystander.next('ack')).toMatchObject({ boot: 'bystander-boot', seq });
}

test('an agent is welcomed with what it needs, its results are acknowledged, and the fleet lists it', async () => {
  const peer = connect();
  peer.send(hello('plain'));
  const welcome = await peer.next('welcome');
  expect(welcome).toMatchObject({ v: 1, ackedSeq: 0, assignment: { checks: [] } });
  expect(welcome['pingEveryMs']).toBeGreaterThan(0);
  peer.send(results('plain', 1, 3));
  expect(await peer.next('ack')).toEqual({ v: 1, type: 'ack', boot: 'plain-boot', seq: 3 });
  expect(await counted('plain')).toEqual([3, 2, 1]);
  const fleet = (await (await fetch(`${aggregator.url}/api/v1/fleet`)).json()) as FleetAnswer;
  expect(fleet.agents.find(({ agent }) => agent === 'plain')).toMatchObject({ connected: true, boot: 'plain-boot' });
  peer.close();
});

test('a frame that was counted is acknowledged again and not counted again', async () => {
  const peer = await greeted('replaying');
  const frame = results('replaying', 1, 5);
  peer.send(frame);
  expect(await peer.next('ack')).toMatchObject({ seq: 5 });
  const before = await metric(aggregator.url, /^blackstart_probe_results_total\{.*vantage="replaying"/);
  peer.send(frame);
  expect(await peer.next('ack')).toMatchObject({ seq: 5 });
  peer.send(results('replaying', 4, 4));
  expect(await peer.next('ack')).toMatchObject({ seq: 7 });
  expect(await counted('replaying')).toEqual([7, 6, 5, 4, 3, 2, 1]);
  expect(before).toBe(5);
  expect(await metric(aggregator.url, /^blackstart_probe_results_total\{.*vantage="replaying"/)).toBe(7);
  peer.close();
});

test('a gap is counted as missing and acknowledged', async () => {
  const peer = await greeted('gappy');
  peer.send({ v: 1, type: 'gap', boot: 'gappy-boot', fromSeq: 1, toSeq: 4, reason: 'dropped' });
  expect(await peer.next('ack')).toMatchObject({ seq: 4 });
  peer.send(results('gappy', 5, 1));
  expect(await peer.next('ack')).toMatchObject({ seq: 5 });
  expect(await counted('gappy')).toEqual([5]);
  peer.close();
});

const bad: readonly (readonly [string, Frame | string | Buffer, number, RegExp])[] = [
  ['text that is not JSON', '{"v":1,', 4400, /not JSON/],
  ['a list', '[1]', 4400, /not a JSON object/],
  ['a type that there is not', { v: 1, type: 'shout' }, 4400, /type: got "shout"/],
  ['a binary frame', Buffer.from([1, 2, 3]), 4400, /binary/],
  ['columns of different lengths', { ...results('bad', 1, 2), outcome: ['good'] }, 4400, /outcome/],
  ['an outcome that there is not', { ...results('bad', 1, 1), outcome: ['fine'] }, 4400, /outcome/],
  ['a sequence number below 1', results('bad', 0, 1), 4400, /fromSeq/],
  ['another version', { ...results('bad', 1, 1), v: 2 }, 4426, /version: got 2, want 1/],
  ['no version', { type: 'ping', t1: 1 }, 4426, /version/],
  ['a second hello', hello('bad'), 4400, /second hello/],
  ['more than 1 MiB', JSON.stringify({ v: 1, type: 'ping', t1: 1, pad: 'x'.repeat(1_048_577) }), 1009, /^/],
];

test.each(bad)(
  '%s closes that connection with its code and a reason, and harms no other',
  async (_, frame, code, why) => {
    const bystander = await greeted('bystander');
    const seq = (await counted('bystander')).length + 1;
    await unharmed(bystander, seq);
    const refusals = new RegExp(`^blackstart_link_refused_total\\{.*"${code}"`);
    const before = await metric(aggregator.url, refusals);
    const peer = await greeted('bad');
    peer.send(frame);
    const closed = await peer.closed;
    expect(closed.code).toBe(code);
    expect(closed.reason).toMatch(why);
    await unharmed(bystander, seq + 1);
    expect(await metric(aggregator.url, refusals)).toBe(before + 1);
    expect(await counted('bad')).toEqual([]);
    bystander.close();
    await bystander.closed;
  },
);

test('anything before the hello closes with 4400, and a wrong token with 4401', async () => {
  const early = connect();
  early.send(results('early', 1, 1));
  expect(await early.closed).toEqual({ code: 4400, reason: expect.stringContaining('hello first') });
  const stranger = connect('another');
  expect(await stranger.closed).toEqual({ code: 4401, reason: expect.stringContaining('token') });
});

test('of one agent and boot the newer connection wins; another boot is refused while the old one answers', async () => {
  const old = await greeted('twin');
  const newer = await greeted('twin');
  await old.closed;
  const other = connect();
  other.send(hello('twin', 'another-boot'));
  expect(await other.closed).toEqual({ code: 4409, reason: expect.stringContaining('twin') });
  newer.send(results('twin', 1, 1));
  expect(await newer.next('ack')).toMatchObject({ seq: 1 });
  newer.close();
});

test('on SIGTERM agents are told with 1001', async () => {
  const own = await startAggregator(shop, [`--state=${join(shop.dir, 'leaving')}`]);
  const peer = await greeted('leaving', own);
  own.program.kill('SIGTERM');
  expect((await peer.closed).code).toBe(1001);
  expect((await own.program.ended).code).toBe(0);
});
