/** Bursts: the same checks more often, for a while, over fresh connections and over kept ones. */
import type { Cancel, Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Burst } from '../contract/wire.ts';
import { needsJourney } from './http/journey/from-check.ts';
import type { PlanRunner } from './plans.ts';
import type { Planned } from './record.ts';

export type Bursts = {
  /** Begins a burst until `endMs` on the agent's timeline; one under the same id is replaced, one in the past ends it. */
  ask(burst: Burst, endMs: number): void;
  readonly running: number;
  stop(): void;
};

const shortestMs = 100;
const longestMs = 3_600_000;
/** A runner asks for a few; more at once would measure the agent. */
const maxBursts = 16;

export function burstsOf(
  clock: Clock,
  runner: PlanRunner,
  log: Log,
  mine: (burst: Burst) => readonly Planned[],
): Bursts {
  const ends = new Map<string, Cancel>();

  function end(id: string): void {
    ends.get(id)?.();
    ends.delete(id);
    runner.reconcile(ownerOf(id), []);
  }

  return {
    ask(burst, endMs) {
      const leftMs = Math.min(longestMs, endMs - clock.nowMs());
      if (leftMs <= 0) {
        end(burst.id);
        return;
      }
      if (!ends.has(burst.id) && ends.size >= maxBursts) {
        log.warn({ burst: burst.id }, `burst refused: ${ends.size} run, want fewer than ${maxBursts}`);
        return;
      }
      ends.get(burst.id)?.();
      ends.set(
        burst.id,
        clock.after(leftMs, () => end(burst.id)),
      );
      runner.reconcile(ownerOf(burst.id), mine(burst));
    },
    get running() {
      return ends.size;
    },
    stop() {
      for (const id of [...ends.keys()]) end(id);
    },
  };
}

/** What of a burst this vantage does. Only http checks keep connections, and of them those that a plain request does for. */
export function plansOfBurst(burst: Burst, mine: (check: Burst['checks'][number]) => boolean): readonly Planned[] {
  const everyMs = Math.max(shortestMs, burst.everyMs);
  return burst.checks.filter(mine).flatMap((check): Planned[] => {
    const fresh: Planned = { check, everyMs, client: 'fresh', burst: burst.id };
    return burst.pooled && check.kind === 'http' && !needsJourney(check)
      ? [fresh, { ...fresh, client: 'pooled' }]
      : [fresh];
  });
}

function ownerOf(id: string): string {
  return `burst ${id}`;
}
