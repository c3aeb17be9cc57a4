import type { Bounds } from '../../contract/bounds.ts';
import type { Seen } from '../predict.ts';
import { predicted } from './prediction.ts';
import type { Run } from './run.ts';

/** Enough for percentiles, and few enough that the injection does not wait for them. */
const runsDrawn = 2_000;

/**
 * Goes by the drill's own burst as well, as it was seen until t0, and for the way back until the call of restore, both on
 * the runner's clock: what the resolvers had left of their answers' time then says for how long each keeps them, this very
 * run.
 */
export function predictFrom(run: Run, t0: Bounds, restoreCalled: Bounds | null = null): void {
  const seen = { away: seenBefore(run, t0), back: restoreCalled === null ? null : seenBefore(run, restoreCalled) };
  const { stages, back } = predicted(run.options, run.prepared, seen, runsDrawn);
  run.recorder.prediction(stages, back);
}

function seenBefore(run: Run, moment: Bounds): Seen {
  const { results, offset } = run.recorder.facts();
  const atMs = middleOf(moment) + middleOf(offset);
  return { results: results.filter((result) => result.atMs + result.durationMs <= atMs), atMs };
}

function middleOf({ lowerMs, upperMs }: Bounds): number {
  return (lowerMs + upperMs) / 2;
}
