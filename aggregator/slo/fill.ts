/**
 * Ledgers are filled from slices that are there already (those of a process that starts, or of a scenario that is read
 * again) a little at a time: all of a month can be millions. Slices that change meanwhile are put as they always are;
 * putting one again does no harm, so whoever comes first is right.
 */
import type { Objective } from '../../contract/objective.ts';
import type { Series } from '../slices/table.ts';
import { tierWidthsMs } from '../slices/tiers.ts';
import type { Found } from './cells.ts';
import { counts, type FactsDeps } from './facts.ts';
import type { Ledger } from './ledger.ts';

export type Fillable = { readonly objective: Objective; readonly ledger: Ledger };

/** The series that count for an objective. */
export type Sources = readonly { readonly series: Series; readonly asked: boolean }[];

export function sourcesOf(objective: Objective, named: readonly Series[], deps: FactsDeps): Sources {
  return named
    .filter((series) => counts(series, objective, deps))
    .map((series) => ({
      series,
      asked: objective.region === null || deps.regionOf(series.checkId) === objective.region,
    }));
}

export function foundAt(sources: Sources, tier: number, atMs: number): readonly Found[] {
  const found: Found[] = [];
  for (const { series, asked } of sources) {
    const slice = series.tiers[tier]?.get(atMs);
    if (slice !== undefined) found.push({ slice, asked });
  }
  return found;
}

/** How much was done since the last time: about so many slices were put. */
export type Step = number;

/**
 * Fills ledgers of one check. What it is resumed with says whether others were at work meanwhile: then series may have
 * come or gone.
 */
export function* fill(
  entries: readonly Fillable[],
  named: () => readonly Series[],
  deps: FactsDeps,
): Generator<Step, void, boolean> {
  let sources: readonly Sources[] = [];
  const look = (): void => {
    const all = named();
    sources = entries.map(({ objective }) => sourcesOf(objective, all, deps));
  };
  // The wide ones first: a narrow one that went is looked for in them.
  for (let tier = tierWidthsMs.length - 1; tier >= 0; tier -= 1) {
    const widthMs = tierWidthsMs[tier] as number;
    const starts = yield* startsIn(named(), tier);
    look();
    for (const atMs of starts) {
      let put = 0;
      for (const [index, { ledger }] of entries.entries()) {
        const found = foundAt(sources[index] as Sources, tier, atMs);
        ledger.put({ atMs, widthMs }, found);
        put += Math.max(1, found.length);
      }
      if (yield put) look();
    }
  }
}

/** When slices begin, in order. */
function* startsIn(all: readonly Series[], tier: number): Generator<Step, Iterable<number>, boolean> {
  const starts = new Set<number>();
  for (const { burst, tiers } of all) {
    if (burst !== '') continue;
    for (const atMs of tiers[tier]?.keys() ?? []) starts.add(atMs);
    yield Math.ceil((tiers[tier]?.size ?? 0) / startsPerPut);
  }
  return Float64Array.from(starts).sort();
}

/** To be told when a slice begins costs so much less than to put it. */
const startsPerPut = 10;
