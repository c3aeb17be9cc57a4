/** What the aggregator does as time passes. */
import { type Cancel, type Clock, every, sleep } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Engine } from './engine.ts';
import { settle } from './slices/settle.ts';
import type { Store } from './store/store.ts';

const judgeEveryMs = 200;
const lookEveryMs = 1_000;
const foldEveryMs = 5_000;
const compactEveryMs = 60_000;

export type TickDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly maxLogBytes: number;
  /** Up to where results are in the slices. */
  appliedId(): number;
};

export type Ticks = { stop(): void; fold(): Promise<void> };

export function startTicks(engine: Engine, deps: TickDeps): Ticks {
  const { clock, log, store } = deps;
  let failing = false;
  const fold = async (): Promise<void> => {
    const next = () => engine.folding.fold(deps.appliedId(), engine.roster.rows());
    if (!(await next())) await next();
    failing = false;
  };
  let stopped = false;
  let reading = false;
  /** Ingest and scrapes go on in between. */
  const readOn = async (): Promise<void> => {
    if (reading) return;
    reading = true;
    try {
      while (!stopped && engine.verdicts.readOn()) await sleep(clock, 0);
    } finally {
      reading = false;
    }
  };
  const report = (error: unknown): void => {
    if (!failing) log.error({ error: error instanceof Error ? error.message : String(error) }, 'upkeep failed');
    failing = true;
  };
  const cancels: Cancel[] = [
    every(clock, judgeEveryMs, () => engine.rounds.judge(clock.nowMs()), report),
    every(
      clock,
      lookEveryMs,
      () => {
        settle(engine.roster.agents.values(), engine.settling, clock.nowMs());
        engine.verdicts.look(clock.nowMs());
        readOn().catch(report);
      },
      report,
    ),
    every(clock, foldEveryMs, fold, report),
    every(
      clock,
      compactEveryMs,
      async () => {
        engine.slices.compact(clock.nowMs());
        engine.health.forget(clock.nowMs());
        await store.prune(deps.maxLogBytes);
      },
      report,
    ),
  ];
  readOn().catch(report);
  return {
    fold,
    stop() {
      stopped = true;
      for (const cancel of cancels) cancel();
    },
  };
}
