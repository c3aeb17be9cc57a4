/** An agent that answers pings and sends frames made beforehand: only their first number is put in. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { systemClock } from '../../contract/clock.ts';
import type { Result } from '../../contract/result.ts';
import { encode, parseFromAggregator } from '../../contract/wire.ts';

export const token = 'bench';
const clock = systemClock();

export type Sender = {
  send(count: number): void;
  acked(): number;
  waitFor(seq: number): Promise<void>;
  close(): void;
};

/** Ten samples of a blackbox probe: outcome, duration, two phases, and what says how good the sample is. */
function resultOf(seq: number, check: number, startMs: number): Result {
  return {
    seq,
    check: `check-${check}/us-east-1`,
    round: Math.floor(startMs / 1_000),
    startMs: startMs + seq / 7,
    durationMs: 20 + ((seq * 7_919) % 10_007) / 100,
    outcome: 'good',
    phases: { connect: 5.25 + (seq % 11) / 8, firstByte: 14.5 + (seq % 13) / 4 },
    region: 'us-east-1',
    servedBy: 'us-east-1',
    client: 'fresh',
    burst: null,
    quality: { lateMs: 0.25, loopDelayMs: 1.5 },
    details: { address: '127.1.0.1:40443', status: 200 },
  };
}

/** Frames of this many results from this check on; made anew every second, with its round. */
function framesOf(checks: number): (count: number, from: number) => string {
  const bodies = new Map<string, string>();
  let madeAt = 0;
  return (count, from) => {
    const second = Math.floor(clock.nowMs() / 1_000);
    if (second !== madeAt) bodies.clear();
    madeAt = second;
    const key = `${count}/${from}`;
    const known = bodies.get(key);
    if (known !== undefined) return known;
    const results = Array.from({ length: count }, (_, index) =>
      resultOf(1 + index, (from + index) % checks, second * 1_000),
    );
    const body = encode({ type: 'results', boot: 'bench', fromSeq: 1, results }).replace(/^.*?"fromSeq":1,/, '');
    bodies.set(key, body);
    return body;
  };
}

export async function sender(url: string, vantage: string, checks: number): Promise<Sender> {
  const socket = new WebSocket(new URL('/agent', url.replace(/^http/, 'ws')), {
    headers: { authorization: `Bearer ${token}` },
  });
  const looks = new Set<() => void>();
  const bodyOf = framesOf(checks);
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
  return {
    send(count) {
      socket.send(`{"v":1,"type":"results","boot":"bench","fromSeq":${nextSeq},${bodyOf(count, nextCheck)}`);
      nextCheck = (nextCheck + count) % checks;
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

const resultsPerFrame = 500;
/** Frames that are sent and not acknowledged yet, per agent. */
const framesInFlight = 8;

/** Sends as fast as it is acknowledged; at most so many a second, where `pacedPerSecond` says so. */
export async function pump(
  one: Sender,
  untilMs: () => number,
  pacedPerSecond = Number.POSITIVE_INFINITY,
): Promise<void> {
  const beganMs = clock.nowMs();
  const ackedBefore = one.acked();
  for (let sent = ackedBefore; clock.nowMs() < untilMs(); ) {
    const allowed = ackedBefore + ((clock.nowMs() - beganMs) / 1_000 + 0.01) * pacedPerSecond;
    while (sent - one.acked() < framesInFlight * resultsPerFrame && sent < allowed) {
      one.send(resultsPerFrame);
      sent += resultsPerFrame;
    }
    await one.waitFor(sent - (framesInFlight - 1) * resultsPerFrame);
    if (sent >= allowed) await new Promise<void>((resolve) => clock.after(5, resolve));
  }
}
