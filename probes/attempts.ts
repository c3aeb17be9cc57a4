/** Makes the attempts of rounds, so many at once and no more, and turns what they show into results. */
import { type Clock, sleep } from '../contract/clock.ts';
import type { Observation } from '../contract/result.ts';
import { type AttemptContext, attempt } from './attempt.ts';
import { deadlines } from './deadlines.ts';
import { ending } from './ending.ts';
import type { KeptConnection } from './http/kept.ts';
import { Stopping } from './prober.ts';
import type { Attempted, QualityWatch } from './quality.ts';
import { cutShort, type Planned, resultOf, shedResult, type Unnumbered } from './record.ts';
import type { Round } from './rounds.ts';
import type { AttemptTracing } from './tracing.ts';
import { takeOut } from './under-way.ts';

export type AttemptDeps = {
  readonly clock: Clock;
  readonly context: AttemptContext;
  readonly quality: QualityWatch;
  readonly onResult: (result: Unnumbered) => void;
  /** Called when the last attempt that ran has ended. */
  readonly onQuiet?: () => void;
  readonly tracing?: AttemptTracing | undefined;
};

export type AttemptRunner = {
  run(planned: Planned, round: Round, kept: KeptConnection | undefined): Promise<void>;
  shed(planned: Planned, round: Round, reason: string): void;
  /** No result of an attempt that runs, or begins later, is older. */
  throughMs(): number;
  readonly running: number;
  /** Gives those that run `graceMs`, cuts the rest short and waits for their ends. */
  stop(graceMs: number): Promise<void>;
};

/** Sockets and memory have an end: beyond so many attempts at once rounds are shed. */
const maxRunning = 4_096;
/** Timers may fire up to a millisecond early by the clock that measures. */
const timerSlackMs = 1;

export function attemptRunner(deps: AttemptDeps): AttemptRunner {
  const { clock, context, quality, onResult, onQuiet, tracing } = deps;
  const running: Round[] = [];
  const stopping = ending();
  const timers = deadlines(clock);
  let quiet = Promise.withResolvers<void>();
  quiet.resolve();

  function shed(planned: Planned, round: Round, reason: string): void {
    onResult(shedResult(planned, round, clock.nowMs() - round.dueMs, reason));
  }
  function judged(planned: Planned, round: Round, startMs: number, observation: Observation): Unnumbered {
    const measured = quality.of({ dueMs: round.dueMs, startMs });
    const flaw = quality.flaw(
      { startMs, ...timeUsedUp(observation, planned, clock.nowMs() - startMs), unheard: isUnheard(observation) },
      measured,
    );
    const result = resultOf(planned, round, { startMs, quality: measured }, observation, flaw);
    return stopping.aborted ? cutShort(result) : result;
  }
  return {
    async run(planned, round, kept) {
      if (running.length >= maxRunning) {
        shed(planned, round, `shed: ${running.length} attempts run, want fewer than ${maxRunning}`);
        return;
      }
      if (running.length === 0) {
        quiet = Promise.withResolvers();
        quality.attend(true);
      }
      running.push(round);
      try {
        const startMs = clock.nowMs();
        const traced = tracing?.begin(planned, startMs);
        const observation = await attempt(planned.check, asking(context, traced?.traceparent, kept), stopping, timers);
        const result = judged(planned, round, startMs, observation);
        onResult(traced === undefined ? result : traced.mark(result));
      } finally {
        takeOut(running, round);
        if (running.length === 0) {
          quality.attend(false);
          quiet.resolve();
          onQuiet?.();
        }
      }
    },
    shed,
    throughMs() {
      let earliestMs = clock.nowMs();
      for (const { dueMs } of running) earliestMs = Math.min(earliestMs, dueMs);
      return earliestMs;
    },
    get running() {
      return running.length;
    },
    async stop(graceMs) {
      const over = new AbortController();
      await Promise.race([quiet.promise, sleep(clock, graceMs, over.signal).catch(() => undefined)]);
      over.abort();
      stopping.end(new Stopping());
      await quiet.promise;
      timers.stop();
    },
  };
}

type Asking = Parameters<typeof attempt>[1];

/** The same object for all that have nothing of their own. */
function asking(context: AttemptContext, traceparent: string | undefined, kept: KeptConnection | undefined): Asking {
  if (traceparent === undefined && kept === undefined) return context;
  return { ...context, traceparent, ...(kept === undefined ? {} : { kept }) };
}

function isUnheard({ failedAt }: Observation): boolean {
  return failedAt === 'resolve' || failedAt === 'connect';
}

function timeUsedUp({ outcome }: Observation, { check }: Planned, tookMs: number): Pick<Attempted, 'timedOutAfterMs'> {
  const hasTimedOut = outcome === 'bad' && tookMs + timerSlackMs >= check.timeoutMs;
  return hasTimedOut ? { timedOutAfterMs: check.timeoutMs } : {};
}
