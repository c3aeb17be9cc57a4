/** One connection to the aggregator, from hello to its end. */
import type { WebSocket } from 'ws';
import type { Assignment } from '../../contract/check.ts';
import { type Cancel, type Clock, every } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import {
  type Burst,
  closeCodes,
  type FromAggregator,
  type Hello,
  type Hold,
  parseFromAggregator,
  type Welcome,
} from '../../contract/wire.ts';
import { type ClockOffset, clockEstimate } from './clock-estimate.ts';
import { type Feeder, feeder, type MarkNow } from './feeder.ts';
import type { PumpSpool } from './pump.ts';

export type SessionDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly spool: PumpSpool;
  readonly hello: Hello;
  readonly onAssignment: (assignment: Assignment) => void;
  /** `endMs` on the agent's timeline. */
  readonly onBurst: (burst: Burst, endMs: number) => void;
  readonly mark: MarkNow;
  /** Which rounds are this aggregator's; absent where there is one, which has them all. */
  readonly hold?: () => Hold;
  /** Whether this aggregator has taken the agent in: from the welcome to the end of the connection. */
  readonly onLink?: (up: boolean) => void;
  /** After every exchange of time stamps. */
  readonly onClockOffset?: ((offset: ClockOffset) => void) | undefined;
};

export type SessionEnd = {
  readonly code: number;
  readonly reason: string;
  /** Whether the aggregator took anything from us: then the next failure is a first one. */
  readonly progressed: boolean;
};

export type Session = {
  /** Something was spooled. */
  wake(): void;
  readonly welcomed: boolean;
  /** Who has which rounds has changed. */
  tellHold(): void;
  readonly drained: boolean;
  /** Called when everything of this boot has been acknowledged. */
  whenDrained(run: () => void): void;
  close(code: number, reason: string): void;
};

const markEveryMs = 1_000;
/** The aggregator pings; without a word for so many of its intervals the link is dead, whatever TCP thinks. */
const silentPings = 3;
const shortestSilenceMs = 5_000;
const shortestPingMs = 100;

export function runSession(socket: WebSocket, deps: SessionDeps, onEnd: (end: SessionEnd) => void): Session {
  const { clock, log } = deps;
  const feeding = feeder(socket, deps.spool, deps.hello, deps.mark);
  const life: Life = { timers: [], heardAtMs: clock.nowMs(), silenceMs: 2 * shortestSilenceMs, progressed: false };
  const handle = handlers(deps, feeding, life);

  function tick(): void {
    if (clock.nowMs() - life.heardAtMs > life.silenceMs) {
      log.warn({ silenceMs: life.silenceMs }, 'the aggregator has gone silent; connecting again');
      socket.terminate();
    } else {
      feeding.mark();
    }
  }
  life.timers.push(every(clock, markEveryMs, tick, (error) => log.error({ error: String(error) }, 'no mark')));

  socket.on('open', () => feeding.send(deps.hello));
  socket.on('message', (data, isBinary) => {
    life.heardAtMs = clock.nowMs();
    const parsed = isBinary ? binary : parseFromAggregator(data.toString());
    if (parsed.ok) {
      handle(parsed.frame, life.heardAtMs);
    } else {
      log.warn({ code: parsed.code, reason: parsed.reason }, 'the aggregator sent what cannot be read');
      socket.close(parsed.code, parsed.reason);
    }
  });
  socket.on('close', (code, reason) => {
    for (const cancel of life.timers) cancel();
    if (feeding.begun) deps.onLink?.(false);
    onEnd({ code, reason: reason.toString(), progressed: life.progressed });
  });

  return {
    wake: feeding.flow,
    tellHold() {
      if (feeding.begun && deps.hold !== undefined) feeding.send(deps.hold());
    },
    get welcomed() {
      return feeding.begun;
    },
    get drained() {
      return feeding.drained;
    },
    whenDrained(run) {
      life.onDrained = run;
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

/** What changes while a connection lives. */
type Life = {
  readonly timers: Cancel[];
  heardAtMs: number;
  silenceMs: number;
  progressed: boolean;
  onDrained?: () => void;
};

const binary = { ok: false, code: closeCodes.garbled, reason: 'got a binary frame, want text' } as const;

function handlers(deps: SessionDeps, feeding: Feeder, life: Life): (frame: FromAggregator, atMs: number) => void {
  const { clock } = deps;
  const estimate = clockEstimate(clock);
  const ping = (): void => feeding.send({ type: 'ping', t1: clock.nowMs() });

  function welcome(frame: Welcome): void {
    if (feeding.begun) return;
    const pingEveryMs = Math.max(shortestPingMs, frame.pingEveryMs);
    life.silenceMs = Math.max(shortestSilenceMs, silentPings * pingEveryMs);
    life.timers.push(every(clock, pingEveryMs, ping, () => undefined));
    deps.log.info({ ackedSeq: frame.ackedSeq, assignment: frame.assignment.version }, 'connected to the aggregator');
    // Before anything is counted: the aggregator must not expect what is another's.
    if (deps.hold !== undefined) feeding.send(deps.hold());
    feeding.begin(frame.ackedSeq);
    ping();
    deps.onAssignment(frame.assignment);
    feeding.mark();
    deps.onLink?.(true);
  }

  return (frame, atMs) => {
    switch (frame.type) {
      case 'welcome':
        welcome(frame);
        break;
      case 'ack':
        life.progressed = true;
        feeding.acknowledged(frame.boot, frame.seq);
        if (feeding.drained) life.onDrained?.();
        break;
      case 'ping':
        feeding.send({ type: 'pong', t1: frame.t1, t2: atMs, t3: clock.nowMs() });
        break;
      case 'pong':
        estimate.add({ ...frame, t4: atMs });
        if (estimate.offset !== undefined) deps.onClockOffset?.(estimate.offset);
        break;
      case 'assign':
        deps.onAssignment(frame.assignment);
        break;
      case 'burst':
        deps.onBurst(frame, estimate.toAgentMs(frame.untilMs) ?? atMs + frame.forMs);
        break;
    }
  };
}
