/** Runs what is planned: the assignment's rounds and the bursts', each plan with its own rhythm and kept connection. */
import { canonicalJson } from '../contract/json.ts';
import { type AttemptDeps, type AttemptRunner, attemptRunner } from './attempts.ts';
import { effortOf } from './effort.ts';
import { type KeptConnection, keptConnection } from './http/kept.ts';
import { type Admission, placeOf } from './overload.ts';
import type { Planned } from './record.ts';
import { type RunningRounds, runRounds } from './rounds.ts';
import { rhythmOf } from './schedule.ts';
import { type Wheel, wheelOn } from './wheel.ts';

export type PlanDeps = AttemptDeps & {
  /** Absent: one of its own. */
  readonly wheel?: Wheel;
  readonly admission?: Admission;
  readonly vantage: string;
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

export function planRunner(given: PlanDeps): PlanRunner {
  const deps = { ...given, wheel: given.wheel ?? wheelOn(given.clock) };
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

function begin(planned: Planned, deps: PlanDeps & { readonly wheel: Wheel }, attempts: AttemptRunner): Active {
  const { check, everyMs } = planned;
  const pooled = planned.client === 'pooled';
  // Of its own, so that the two classes of client do not ask at the same instant.
  const place = check.together ?? check.id;
  const rhythm = rhythmOf(
    pooled ? `${place}+pooled` : place,
    deps.vantage,
    everyMs,
    pooled ? 'connection' : effortOf(check),
  );
  const kept = pooled ? keptConnection() : undefined;
  const rounds = runRounds(
    deps,
    rhythm,
    { timeoutMs: check.timeoutMs, pooled, place: placeOf(check.id) },
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
