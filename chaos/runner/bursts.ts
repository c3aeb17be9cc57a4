import type { Bounds } from '../../contract/bounds.ts';
import type { Check } from '../../contract/check.ts';
import { every } from '../../contract/clock.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Vantage } from '../burst.ts';
import { type Bursts, burstOf } from '../burst.ts';
import { fresh } from './run.ts';
import type { RunnerDeps } from './types.ts';

/** A burst whose runner has died ends by itself after so long. */
const aheadMs = 60_000;
const renewEveryMs = 15_000;

export type BurstKeeper = {
  /** The ids under which its results come. */
  readonly ids: ReadonlySet<string>;
  /** No attempt takes longer. */
  readonly attemptMs: number;
  end(): Promise<void>;
};

export type BurstWish = {
  readonly id: string;
  readonly scenario: Scenario;
  readonly entries: readonly string[];
  readonly regions: readonly string[];
  readonly vantages: readonly Vantage[];
  readonly nameservers: readonly string[];
  readonly everyMs: number;
  readonly offset: Bounds;
};

const fastestBurstMs = 100;
export const slowestBurstMs = 500;

/** Within the agents' fastest and slowest burst. */
export function burstEveryMs(wantedMs: number): number {
  return Math.min(slowestBurstMs, Math.max(fastestBurstMs, wantedMs));
}

/** The fast burst and the slow one of a drill. */
export function burstIdsOf(drill: string): readonly [string, string] {
  return [drill, `${drill}.residency`];
}

/** Asks for a drill's bursts, and goes on asking until they are ended. Rejects when they cannot be had at all. */
export async function keepBursts(
  wish: BurstWish,
  deps: Pick<RunnerDeps, 'clock' | 'fleet'>,
  signal: AbortSignal,
): Promise<BurstKeeper> {
  const everyMs = burstEveryMs(wish.everyMs);
  const bursts: Bursts = burstOf(wish.scenario, { ...wish, drill: wish.id, everyMs });
  const [fast, slow] = burstIdsOf(wish.id);
  const parts = [
    { id: fast, ...bursts.fast, pooled: true },
    { id: slow, ...bursts.slow, pooled: false },
  ].filter(({ checks }) => checks.length > 0);
  const offsetMs = (wish.offset.lowerMs + wish.offset.upperMs) / 2;

  async function ask(forMs: number, under: AbortSignal): Promise<void> {
    const untilMs = deps.clock.nowMs() + offsetMs + forMs;
    for (const part of parts) {
      // What has ended needs no checks.
      const checks: readonly Check[] = forMs > 0 ? part.checks : [];
      await deps.fleet.burst({ ...part, checks, untilMs }, under);
    }
  }

  let isEnded = false;
  await ask(aheadMs, signal);
  let renewal: Promise<void> = Promise.resolve();
  const cancel = every(
    deps.clock,
    renewEveryMs,
    () => {
      renewal = ask(aheadMs, fresh()).catch(() => undefined);
      return renewal;
    },
    () => undefined,
  );
  return {
    ids: new Set(parts.map(({ id }) => id)),
    attemptMs: Math.max(0, ...parts.flatMap(({ checks }) => checks.map(({ timeoutMs }) => timeoutMs))),
    async end() {
      if (isEnded) return;
      isEnded = true;
      cancel();
      // One under way must not arrive behind the end and begin it anew.
      await renewal;
      await ask(-1_000, fresh()).catch(() => undefined);
    },
  };
}
