/** What came of a window, in plain results, and how lately: kept beside what an indicator makes of the same cells. */
import type { Span } from '../../contract/slo/spans.ts';
import { type Apart, type LineName, lineOf } from './lines.ts';
import type { Fold, Timed } from './timeline.ts';

export type Arrivals = {
  /** Results that the verdict is made from, and those that were expected for it and did not come. */
  readonly came: number;
  readonly missing: number;
  /** The end of the newest cell that has results that came, at most that of the window; `null` of none. */
  readonly newestMs: number | null;
  /** Of the newest results, when the verdict does not count them. */
  readonly uncounted: Uncounted | null;
};

/** `sinceMs`: the end of the newest cell that is counted; `null` of none. */
export type Uncounted = { readonly because: 'a drill' | 'an exclusion'; readonly sinceMs: number | null };

/** Of one cell. */
export type Came = { readonly came: number; readonly missing: number };

type Arrived = { came: number; missing: number; newestMs: number; newest: LineName; countedMs: number };

export type Arriving<S> = { readonly inner: S; readonly arrived: Arrived };

/** The fold, and what came with the cells that it counts. */
export function arriving<C extends Timed, S>(
  fold: Fold<C, S>,
  { apart, countsDrills }: { apart(): Apart; readonly countsDrills: boolean },
  of: (cell: C) => Came,
): Fold<C, Arriving<S>> {
  return {
    start: () => ({ inner: fold.start(), arrived: nothing() }),
    copy: ({ inner, arrived }) => ({ inner: fold.copy(inner), arrived: { ...arrived } }),
    step({ inner, arrived }, cell) {
      fold.step(inner, cell);
      const { line } = lineOf(apart(), cell);
      const { came, missing } = of(cell);
      const endMs = cell.atMs + cell.widthMs;
      const isCounted = line === 'own' || (line === 'drills' && countsDrills);
      if (isCounted) {
        arrived.came += came;
        arrived.missing += missing;
        if (came > 0) arrived.countedMs = Math.max(arrived.countedMs, endMs);
      }
      if (came === 0 || endMs < arrived.newestMs) return;
      arrived.newestMs = endMs;
      arrived.newest = line;
    },
  };
}

function nothing(): Arrived {
  const never = Number.NEGATIVE_INFINITY;
  return { came: 0, missing: 0, newestMs: never, newest: 'own', countedMs: never };
}

/** `window`: from where the first of its cells begins. */
export function arrivalsBetween(
  { arrived: to }: Arriving<unknown>,
  { arrived: from }: Arriving<unknown>,
  { fromMs, toMs }: Span,
): Arrivals {
  const within = (endMs: number): number | null => (endMs > fromMs ? Math.min(endMs, toMs) : null);
  const newestMs = within(to.newestMs);
  const sinceMs = within(to.countedMs);
  const isCounted = newestMs === null || newestMs === sinceMs;
  const because = to.newest === 'excluded' ? 'an exclusion' : 'a drill';
  const uncounted = isCounted ? null : ({ because, sinceMs } as const);
  return { came: to.came - from.came, missing: to.missing - from.missing, newestMs, uncounted };
}
