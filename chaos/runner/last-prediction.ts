import { predicted } from './prediction.ts';
import type { Run } from './run.ts';

/** Enough for percentiles, and few enough that the injection does not wait for them. */
const runsDrawn = 2_000;

/**
 * Goes by the drill's own burst as well, as it was seen until `atMs` on the runner's clock: what the resolvers had left of
 * their answers' time then says how long each stays on the region, this very run.
 */
export function predictFrom(run: Run, atMs: number): void {
  const { results, offset } = run.recorder.facts();
  const fleetMs = atMs + (offset.lowerMs + offset.upperMs) / 2;
  const before = results.filter((result) => result.atMs + result.durationMs <= fleetMs);
  const { stages, back } = predicted(run.options, run.prepared, { results: before, atMs: fleetMs }, runsDrawn);
  run.recorder.prediction(stages, back);
}
