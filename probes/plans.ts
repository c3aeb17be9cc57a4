/** Runs what is planned: the assignment's rounds and the bursts', each plan with its own rhythm and kept connection. */
import { type Clock, sleep } from '../contract/clock.ts';
import { canonicalJson } from '../contract/json.ts';
import type { Observation } from '../contract/result.ts';
import { type AttemptContext, attempt } from './attempt.ts';
import { type KeptConnection, keptConnection } from './http/kept.ts';
import { Stopping } from './prober.ts';
import type { Attempted, QualityWatch } from './quality.ts';
import { cutShort, type Planned, resultOf, shedResult, type Unnumbered } from './record.ts';
import { type Round, type RunningRounds, runRounds } from './rounds.ts';
import { rhythmOf } from './schedule.ts';
import type { AttemptTracing } from './tracing.ts';

export type PlanDeps = {
  readonly clock: Clock;
  readonly vantage: string;
  readonly context: AttemptContext;
  readonly quality: QualityWatch;
  readonly onResult: (result: Unnumbered) => void;
  readonly tracing?: AttemptTracing | undefined;
};

export type PlanRunner = {
  /** Makes `plans` all that runs for `owner`. Those that stay as they were lose no round and keep their connection. */
  reconcile(owner: string, plans: readonly Planned[]): void;
  /** No result older than this will follow, on the agent's timeline. */
  throughMs(): number;
  /** Attempts that run now. */
  readonly running: number;
  /** Begins no round any more, gives those that run `graceMs`, cuts the rest short and waits for their ends. */
  stop(graceMs: number): Promise<void>;
};

type Active = {
  readonly fingerprint: string;
  readonly rounds: RunningRounds;
  readonly kept: KeptConnection | undefined;
};

/** Sockets and memory have an end: beyond so many attempts at once rounds are shed. */
const maxRunning = 4_096;

export function planRunner(deps: PlanDeps): PlanRunner {
  const owners = new Map<string, Map<string, Active>>();
  const attempts = attemptRunner(deps);
  let stopped = false;
  const all = (): Active[] => [...owners.values()].flatMap((plans) => [...plans.values()]);

  return {
    reconcile(owner, plans) {
      if (stopped) return;
      const before = owners.get(owner) ?? new Map<string, Active>();
      const after = new Map<string, Active>();
      for (const planned of plans) {
        const key = `${planned.check.id} ${planned.client}`;
        const active = before.get(key);
        const same = active !== undefined && active.fingerprint === canonicalJson(planned);
        if (same) before.delete(key);
        const twin = after.get(key);
        if (twin !== undefined) end(twin);
        after.set(key, same ? active : begin(planned, deps, attempts));
      }
      for (const active of before.values()) end(active);
      if (after.size === 0) owners.delete(owner);
      else owners.set(owner, after);
    },
    throughMs: () =>
      all().reduce((earliest, { rounds }) => Math.min(earliest, rounds.nextDueMs()), attempts.throughMs()),
    get running() {
      return attempts.running;
    },
    async stop(graceMs) {
      stopped = true;
      for (const active of all()) active.rounds.stop();
      await attempts.stop(graceMs);
      for (const active of all()) end(active);
      owners.clear();
    },
  };
}

function begin(planned: Planned, deps: PlanDeps, attempts: AttemptRunner): Active {
  const { check, everyMs } = planned;
  const pooled = planned.client === 'pooled';
  // Of its own, so that the two classes of client do not ask at the same instant.
  const rhythm = rhythmOf(pooled ? `${check.id}+pooled` : check.id, deps.vantage, everyMs);
  const kept = pooled ? keptConnection() : undefined;
  const rounds = runRounds(
    deps.clock,
    rhythm,
    { timeoutMs: check.timeoutMs, pooled },
    {
      attempt: (round) => attempts.run(planned, round, kept),
      shed: (round, reason) => attempts.shed(planned, round, reason),
    },
  );
  return { fingerprint: canonicalJson(planned), rounds, kept };
}

function end(active: Active): void {
  active.rounds.stop();
  active.kept?.retire();
}

/** Timers may fire up to a millisecond early by the clock that measures. */
const timerSlackMs = 1;

function timeUsedUp({ outcome }: Observation, { check }: Planned, tookMs: number): Pick<Attempted, 'timedOutAfterMs'> {
  const hasTimedOut = outcome === 'bad' && tookMs + timerSlackMs >= check.timeoutMs;
  return hasTimedOut ? { timedOutAfterMs: check.timeoutMs } : {};
}

type AttemptRunner = {
  run(planned: Planned, round: Round, kept: KeptConnection | undefined): Promise<void>;
  shed(planned: Planned, round: Round, reason: string): void;
  throughMs(): number;
  readonly running: number;
  stop(graceMs: number): Promise<void>;
};

function attemptRunner({ clock, context, quality, onResult, tracing }: PlanDeps): AttemptRunner {
  const running = new Map<Round, Promise<void>>();
  const stopping = new AbortController();

  function shed(planned: Planned, round: Round, reason: string): void {
    onResult(shedResult(planned, round, clock.nowMs() - round.dueMs, reason));
  }
  async function make(planned: Planned, round: Round, kept: KeptConnection | undefined): Promise<void> {
    const startMs = clock.nowMs();
    const traced = tracing?.begin(planned, startMs);
    const traceparent = traced?.traceparent;
    const using = kept === undefined ? { ...context, traceparent } : { ...context, traceparent, kept };
    const observation = await attempt(planned.check, using, stopping.signal);
    const measured = quality.of({ dueMs: round.dueMs, startMs });
    const flaw = quality.flaw({ startMs, ...timeUsedUp(observation, planned, clock.nowMs() - startMs) }, measured);
    const seen = flaw === undefined ? observation : { ...observation, flaw };
    const result = resultOf(planned, round, { startMs, quality: measured }, seen);
    const told = stopping.signal.aborted ? cutShort(result) : result;
    onResult(traced === undefined ? told : traced.mark(told));
  }
  return {
    async run(planned, round, kept) {
      if (running.size >= maxRunning) {
        shed(planned, round, `shed: ${running.size} attempts run, want fewer than ${maxRunning}`);
        return;
      }
      const made = make(planned, round, kept).finally(() => running.delete(round));
      running.set(round, made);
      await made;
    },
    shed,
    throughMs: () => [...running.keys()].reduce((earliest, { dueMs }) => Math.min(earliest, dueMs), clock.nowMs()),
    get running() {
      return running.size;
    },
    async stop(graceMs) {
      const over = new AbortController();
      const made = Promise.all(running.values());
      await Promise.race([made, sleep(clock, graceMs, over.signal).catch(() => undefined)]);
      over.abort();
      stopping.abort(new Stopping());
      await made;
    },
  };
}
