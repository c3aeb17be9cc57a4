/** Whether what was found contains what was true. */

import type { EntryHistory } from '../../../chaos/timeline.ts';
import { type Bounds, widthMs } from '../../../contract/bounds.ts';
import type { EntryTimeline } from '../../../contract/drill.ts';
import type { SimulatedDrill } from '../simulated-drill.ts';
import type { StageTruth } from './truth.ts';

export type Compared = Pick<StageTruth, 'way' | 'client' | 'stage'> & {
  readonly vantage: string;
  readonly contains: boolean;
  readonly found: Bounds;
  readonly widthMs: number;
  /** Milliseconds after t0 or the call of restore. */
  readonly truthsMs: readonly number[];
};

/** Rounding of times since 1970 in floating point. */
const roundingMs = 0.001;

/** Every stage that was found, against its truth. */
export function compared(drill: SimulatedDrill, history: EntryHistory): readonly Compared[] {
  return Object.entries(drill.truths).flatMap(([vantage, truths]) =>
    truths.flatMap((truth) => {
      const found = foundIn(history[truth.way], vantage, truth);
      if (found === undefined) return [];
      const fromMs = truth.way === 'failover' ? drill.world.t0Ms : drill.world.restoreMs;
      const truthsMs = (truth.all ?? truth.any ?? []).map((atMs) => atMs - fromMs);
      const inside = (ms: number): boolean => found.lowerMs - roundingMs <= ms && ms <= found.upperMs + roundingMs;
      const contains = truth.all === undefined ? truthsMs.some(inside) : truthsMs.every(inside);
      const { way, client, stage } = truth;
      return [{ way, client, stage, vantage, contains, found, widthMs: widthMs(found), truthsMs }];
    }),
  );
}

function foundIn(timeline: EntryTimeline, vantage: string, truth: StageTruth): Bounds | undefined {
  const { client, stage } = truth;
  if (stage !== 'began') return timeline.stages[vantage]?.[client]?.[stage];
  return timeline.passages.find((one) => one.vantage === vantage && one.client === client)?.main?.began;
}
