/** Runs what is planned: the assignment's rounds and the bursts', each plan with its own rhythm and kept connection. */
import { type Clock, sleep } from '../contract/clock.ts';
import { canonicalJson } from '../contract/json.ts';
import { type AttemptContext, attempt } from './attempt.ts';
import { type KeptConnection, keptConnection } from './http/kept.ts';
import { Stopping } from './prober.ts';
import type { QualityWatch } from './quality.ts';
import { cutShort, type Planned, resultOf, shedResult, type Unnumbered } from './record.ts';
import { type Round, type RunningRounds, runRounds } from './rounds.ts';
import { rhythmOf } from './schedule.ts';

export type PlanDeps = {
  readonly clock: Clock;
  readonly vantage: string;
  readonly context: AttemptContext;
  readonly quality: QualityWatch;
  readonly onResult: (result: Unnumbered) => void;
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
  planned: Planned;
  readonly fingerprint: string;
  readonly rounds: RunningRounds;
  readonly kept: KeptConnection | undefined;
};

/** Sockets and memory have an end: beyond so many attempts at once rounds are shed. */
const maxRunning = 4_096;

export function planRunner(deps: PlanDeps): PlanRunner {
  const owners = new Map<string, Map<string, Active>>();
  const running = new Map<Round, Promise<void>>();
  const stopping = new AbortController();

  function start(planned: Planned): Active {
    const pooled = planned.client === 'pooled';
    const { check, everyMs } = planned;
    const rhythm = rhythmOf(pooled ? `${check.id}+pooled` : check.id, deps.vantage, everyMs);
    const kept = pooled ? keptConnection() : undefined;
    const rounds = runRounds(
      deps.clock,
      rhythm,
      { timeoutMs: check.timeoutMs, pooled },
      {
        attempt(round) {
          if (running.size >= maxRunning) {
            shed(planned, round, `shed: ${running.size} attempts run, want fewer than ${maxRunning}`);
            return Promise.resolve();
          }
          const work = run(planned, round, kept).finally(() => running.delete(round));
          running.set(round, work);
          return work;
        },
        shed: (round, reason) => shed(planned, round, reason),
      },
    );
    return { planned, fingerprint: canonicalJson(planned), rounds, kept };
  }

  function shed(planned: Planned, round: Round, reason: string): void {
    deps.onResult(shedResult(planned, round, deps.clock.nowMs() - round.dueMs, reason));
  }

  async function run(planned: Planned, round: Round, kept: KeptConnection | undefined): Promise<void> {
    const { clock, quality, context } = deps;
    const startMs = clock.nowMs();
    const observation = await attempt(
      planned.check,
      kept === undefined ? context : { ...context, kept },
      stopping.signal,
    );
    const measured = quality.of({ dueMs: round.dueMs, startMs });
    const flaw = quality.flaw({ startMs }, measured);
    const seen = flaw === undefined ? observation : { ...observation, flaw };
    const result = resultOf(planned, round, { startMs, quality: measured }, seen);
    deps.onResult(stopping.signal.aborted ? cutShort(result) : result);
  }

  function end(active: Active): void {
    active.rounds.stop();
    active.kept?.retire();
  }

  return {
    reconcile(owner, plans) {
      if (stopping.signal.aborted) return;
      const before = owners.get(owner) ?? new Map<string, Active>();
      const after = new Map<string, Active>();
      for (const planned of plans) {
        const key = `${planned.check.id} ${planned.client}`;
        const active = before.get(key);
        const same = active !== undefined && active.fingerprint === canonicalJson(planned);
        if (same) before.delete(key);
        const twin = after.get(key);
        if (twin !== undefined) end(twin);
        after.set(key, same ? active : start(planned));
      }
      for (const active of before.values()) end(active);
      if (after.size === 0) owners.delete(owner);
      else owners.set(owner, after);
    },
    throughMs() {
      let earliestMs = deps.clock.nowMs();
      for (const round of running.keys()) earliestMs = Math.min(earliestMs, round.dueMs);
      for (const plans of owners.values()) {
        for (const active of plans.values()) earliestMs = Math.min(earliestMs, active.rounds.nextDueMs());
      }
      return earliestMs;
    },
    get running() {
      return running.size;
    },
    async stop(graceMs) {
      for (const plans of owners.values()) for (const active of plans.values()) active.rounds.stop();
      const over = new AbortController();
      const all = Promise.all(running.values());
      await Promise.race([all, sleep(deps.clock, graceMs, over.signal).catch(() => undefined)]);
      over.abort();
      stopping.abort(new Stopping());
      await all;
      for (const plans of owners.values()) for (const active of plans.values()) active.kept?.retire();
      owners.clear();
    },
  };
}
