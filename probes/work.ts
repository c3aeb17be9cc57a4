/** What an agent does at its vantage: the assignment's rounds and the bursts, from the moment it begins. */
import type { Assignment, Check } from '../contract/check.ts';
import { type Cancel, type Clock, every } from '../contract/clock.ts';
import { canonicalJson } from '../contract/json.ts';
import type { Log } from '../contract/log.ts';
import type { Burst } from '../contract/wire.ts';
import { assignmentFile } from './assignment-file.ts';
import { burstsOf, plansOfBurst } from './bursts.ts';
import type { Collector } from './collector.ts';
import type { Environment } from './environment.ts';
import { planRunner } from './plans.ts';
import { isKnownKind } from './probers.ts';
import { qualityWatch } from './quality.ts';
import { regionIndex } from './regions.ts';
import type { AttemptTracing } from './tracing.ts';
import type { Wheel } from './wheel.ts';

export type WorkOptions = { readonly vantage: string; readonly stateDir: string };
export type WorkDeps = {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly log: Log;
  readonly environment: Environment;
  readonly gathering: Collector;
  readonly tracing?: AttemptTracing | undefined;
};

export type Work = {
  assign(assignment: Assignment): void;
  /** `endMs` on the agent's timeline. */
  burst(burst: Burst, endMs: number): void;
  /** No result older than this will be gathered. */
  throughMs(): number;
  readonly hasAssignment: boolean;
  readonly running: number;
  stop(graceMs: number): Promise<void>;
};

const refreshRegionsMs = 30_000;
const assigned = 'assignment';

/** Begins with the assignment that is on disk. */
export function startWork(options: WorkOptions, deps: WorkDeps): Work {
  const { clock, wheel, log, environment, gathering } = deps;
  const file = assignmentFile(options.stateDir, log);
  const stopping = new AbortController();
  const regions = regionIndex(environment.resolver);
  const quality = qualityWatch(clock, log, wheel);
  const runner = planRunner({
    clock,
    wheel,
    vantage: options.vantage,
    context: { clock, ...environment, regionOf: regions.regionOf },
    quality,
    onResult: gathering.add,
    onQuiet: gathering.onQuiet,
    tracing: deps.tracing,
  });
  const isMine = (check: Check): boolean =>
    isKnownKind(check.kind) && (check.vantages ?? [options.vantage]).includes(options.vantage);
  const bursts = burstsOf(clock, runner, log, (burst) => plansOfBurst(burst, isMine));
  const refresh = (): Promise<void> => regions.refresh(stopping.signal, clock);
  const refreshFailed = (error: unknown): void => log.error({ error: String(error) }, 'regions could not be resolved');
  const cancelRefresh: Cancel = every(clock, refreshRegionsMs, refresh, refreshFailed);
  let current: Assignment = file.load();

  function apply(): void {
    const unknown = new Set(current.checks.map(({ kind }) => kind).filter((kind) => !isKnownKind(kind)));
    if (unknown.size > 0)
      log.warn({ kinds: [...unknown] }, 'checks of kinds that this agent does not know are left out');
    regions.assign(current.regions);
    refresh().catch(refreshFailed);
    runner.reconcile(
      assigned,
      current.checks.filter(isMine).map((check) => ({ check, everyMs: check.everyMs, client: 'fresh', burst: null })),
    );
  }

  apply();
  return {
    assign(assignment) {
      if (canonicalJson(assignment) === canonicalJson(current)) return;
      current = assignment;
      file.save(assignment);
      apply();
    },
    burst: bursts.ask,
    throughMs: runner.throughMs,
    get hasAssignment() {
      return current.version > 0;
    },
    get running() {
      return runner.running;
    },
    async stop(graceMs) {
      cancelRefresh();
      await runner.stop(graceMs);
      bursts.stop();
      stopping.abort();
      quality.stop();
    },
  };
}
