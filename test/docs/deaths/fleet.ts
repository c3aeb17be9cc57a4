/** An aggregator that can be cut off, and agents that can fall silent. */
import type { Fleet } from '../../../chaos/aggregator-client.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import type { Clock } from '../../../contract/clock.ts';

export type CuttableFleet = Fleet & {
  /** From now on nothing is answered, and no result arrives. */
  cut(): void;
  /** No result of this vantage arrives any more. */
  silence(vantage: string): void;
};

export function cuttable(fleet: Fleet, clock: Clock): CuttableFleet {
  const silent = new Set<string>();
  let cutAtMs: number | null = null;
  const asked = <A extends readonly unknown[], T>(call: (...given: A) => Promise<T>) => {
    return async (...given: A): Promise<T> => {
      if (cutAtMs !== null) throw new Trouble('unreachable', 'the aggregator cannot be reached: connection refused');
      return call(...given);
    };
  };
  return {
    ...fleet,
    offset: asked(fleet.offset),
    fleet: asked(fleet.fleet),
    verdicts: asked(fleet.verdicts),
    objective: asked(fleet.objective),
    drills: asked(fleet.drills),
    newest: asked(fleet.newest),
    announce: asked(fleet.announce),
    burst: asked(fleet.burst),
    async results(onResult, signal) {
      const stream = await asked(fleet.results)((result) => {
        if (cutAtMs === null && !silent.has(result.vantage)) onResult(result);
      }, signal);
      return {
        close: asked(stream.close),
        silentForMs: () => (cutAtMs === null ? stream.silentForMs() : clock.nowMs() - cutAtMs),
      };
    },
    cut() {
      cutAtMs ??= clock.nowMs();
    },
    silence: (vantage) => void silent.add(vantage),
  };
}
