/** What is kept of slices, and how long. */
import type { Objective } from '../contract/objective.ts';
import type { SliceLimits } from './slices/table.ts';

export type Keeping = SliceLimits & {
  /**
   * These are in force now. For what looks back further than those before, slices are kept longer from now on. For what
   * does not, nothing that is there is forgotten: the next start sees to that.
   */
  follow(objectives: readonly Objective[]): void;
};

const dayMs = 86_400_000;
const leastMs = 7 * dayMs;
/** Durations kept one by one: 16 MB. */
const maxSamples = 2_000_000;

/**
 * `retentionMs`, always that of now: the longest window of an objective, and a day for verdicts of past moments.
 * Of a calendar two periods: the last one that is over is asked about until the next one is.
 */
export function keepingFor(objectives: readonly Objective[]): Keeping {
  let retentionMs = neededMs(objectives);
  return {
    get retentionMs() {
      return retentionMs;
    },
    maxSamples,
    follow(next) {
      retentionMs = Math.max(retentionMs, neededMs(next));
    },
  };
}

function neededMs(objectives: readonly Objective[]): number {
  return dayMs + Math.max(leastMs, ...objectives.map(({ windowMs, calendar }) => (calendar ? 2 : 1) * windowMs));
}
