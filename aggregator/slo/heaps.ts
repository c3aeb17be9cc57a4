/** How the results of a quantile crowd in blocks as long as the longest stated burst: all in one, or region by region. */
import type { Objective } from '../../contract/objective.ts';
import type { DurationsCell, Found } from './cells.ts';
import {
  blocksOf,
  type Clumps,
  copyClumps,
  effectBetween,
  emptyClumps,
  joinClumps,
  type Lie,
  lying,
  type Weigh,
} from './clumps.ts';
import type { Fold } from './timeline.ts';

type Heap = { readonly n: number; readonly lie?: Lie };
/** One for each group; of a single one that says no more, its number of results. There are millions of cells. */
export type HeapCell = DurationsCell & { readonly heaps?: number | readonly Heap[] };

export type Heaps = {
  /** The cell, with how what came lies in it. */
  with(cell: DurationsCell, found: readonly Found[]): HeapCell;
  start(): readonly Clumps[];
  join(clumps: readonly Clumps[], cell: HeapCell): void;
  /** Of what came between. */
  effect(to: readonly Clumps[], from: readonly Clumps[]): number;
};

const none: Heaps = { with: (cell) => cell, start: () => [], join: () => undefined, effect: () => 1 };

export function heapsOf({ burstMs, region, weighting }: Objective): Heaps {
  if (burstMs === undefined) return none;
  const blocks = blocksOf(burstMs);
  const weights = Object.entries(weighting?.weights ?? {});
  const groups = weighting === undefined ? [region] : weights.map(([name]) => name);
  const weighs = groups.map((name): Weigh => ({ region: name, of: (good, bad) => good + bad, countsMissing: false }));
  const lieOf = lying(blocks);
  return {
    with(cell, found) {
      const heaps = weighs.map((weigh): Heap => {
        const lie = lieOf(found, cell.widthMs, weigh);
        return { n: cameIn(found, weigh), ...(lie && { lie }) };
      });
      const [only, ...more] = heaps;
      const isPlain = only !== undefined && only.lie === undefined && more.length === 0;
      return { ...cell, heaps: isPlain ? only.n : heaps };
    },
    start: () => groups.map(emptyClumps),
    join(clumps, { atMs, widthMs, heaps = [] }) {
      const all: readonly Heap[] = typeof heaps === 'number' ? [{ n: heaps }] : heaps;
      for (const [index, { n, lie }] of all.entries()) {
        joinClumps(clumps[index] as Clumps, blocks, lie === undefined ? { atMs, widthMs } : { atMs, widthMs, lie }, n);
      }
    },
    effect(to, from) {
      const effects = to.map((clumps, index) => {
        const before = from[index] as Clumps;
        return { n: clumps.n - before.n, effect: effectBetween(clumps, before, blocks) };
      });
      return weighting === undefined
        ? (effects[0]?.effect ?? 1)
        : jointEffect(effects.map((one, index) => ({ ...one, weight: weights[index]?.[1] ?? 0 })));
    },
  };
}

type Group = { readonly n: number; readonly effect: number; readonly weight: number };

/**
 * So many results count as one in each of several regions that an outage may hit together. The weighted share then has a
 * standard deviation of at most the weighted sum of those that its regions have (Minkowski's inequality), and this effect
 * gives it so much where they are taken for independent.
 */
export function jointEffect(groups: readonly Group[]): number {
  let [together, apart] = [0, 0];
  for (const { n, effect, weight } of groups) {
    if (n === 0) continue;
    together += weight * Math.sqrt(effect / n);
    apart += weight ** 2 / n;
  }
  return apart === 0 ? 1 : Math.max(1, together ** 2 / apart);
}

function cameIn(found: readonly Found[], { region, of }: Weigh): number {
  let came = 0;
  for (const { slice } of found) {
    for (const [name, { good, bad, leaks = 0 }] of slice.regions) {
      if (region === null || region === name) came += of(good, bad, leaks);
    }
  }
  return came;
}

type Heaped<S> = { readonly sums: S; readonly clumps: readonly Clumps[] };

/** The fold, and how what it counts crowds. */
export function heaped<S>(
  fold: Fold<DurationsCell, S>,
  heaps: Heaps,
  counts: (cell: DurationsCell) => boolean,
): Fold<HeapCell, Heaped<S>> {
  return {
    start: () => ({ sums: fold.start(), clumps: heaps.start() }),
    copy: ({ sums, clumps }) => ({ sums: fold.copy(sums), clumps: clumps.map(copyClumps) }),
    step({ sums, clumps }, cell) {
      fold.step(sums, cell);
      if (cell.heaps !== undefined && counts(cell)) heaps.join(clumps, cell);
    },
  };
}
