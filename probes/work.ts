/** What an agent does at its vantage: the assignment's rounds and the bursts, from the moment it begins. */
import type { Assignment, Check } from '../contract/check.ts';
import type { Clock } from '../contract/clock.ts';
import { canonicalJson } from '../contract/json.ts';
import type { Log } from '../contract/log.ts';
import type { Burst } from '../contract/wire.ts';
import { assignmentFile } from './assignment-file.ts';
import { burstsOf, plansOfBurst } from './bursts.ts';
import type { Hands } from './hands.ts';
import { isKnownKind } from './probers.ts';

export type WorkOptions = { readonly vantage: string; readonly stateDir: string };
export type WorkDeps = { readonly clock: Clock; readonly log: Log; readonly hands: Hands };

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

const assigned = 'assignment';

/** Begins with the assignment that is on disk. */
export function startWork(options: WorkOptions, deps: WorkDeps): Work {
  const { clock, log, hands } = deps;
  const file = assignmentFile(options.stateDir, log);
  const isMine = (check: Check): boolean =>
    isKnownKind(check.kind) && (check.vantages ?? [options.vantage]).includes(options.vantage);
  const bursts = burstsOf(clock, hands, log, (burst) => plansOfBurst(burst, isMine));
  let current: Assignment = file.load();

  function apply(): void {
    const unknown = new Set(current.checks.map(({ kind }) => kind).filter((kind) => !isKnownKind(kind)));
    if (unknown.size > 0)
      log.warn({ kinds: [...unknown] }, 'checks of kinds that this agent does not know are left out');
    hands.assignRegions(current.regions);
    hands.reconcile(
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
    throughMs: hands.throughMs,
    get hasAssignment() {
      return current.version > 0;
    },
    get running() {
      return hands.running;
    },
    async stop(graceMs) {
      await hands.stop(graceMs);
      bursts.stop();
    },
  };
}
