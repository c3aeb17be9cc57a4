/** The ledgers of all objectives, kept as their slices are. */
import type { DrillReport } from '../../contract/drill.ts';
import type { Objective } from '../../contract/objective.ts';
import { drillSpans, merged, type Span, widened } from '../../contract/slo/spans.ts';
import type { Change, Series } from '../slices/table.ts';
import { sliceWidthMs, tierWidthsMs } from '../slices/tiers.ts';
import type { Found } from './cells.ts';
import { counts, type FactsDeps } from './facts.ts';
import { type Ledger, ledgerOf, type Place } from './ledger.ts';
import { type Apart, apartOf, nothingApart } from './lines.ts';

export type Entry = { readonly objective: Objective; readonly ledger: Ledger };

export type BookDeps = FactsDeps & {
  /** Slices that changed or went since the last call. */
  takeTouched(): readonly Change[];
  nowMs(): number;
  /** No slice is merged over where one of these begins or ends: what lies on either side is counted apart. */
  protect(spans: readonly Span[]): void;
  /** Limits of latency that merged hours tell apart, minute by minute: those that count slices of time. */
  readonly distinguish?: (limitsMs: readonly number[]) => void;
  /** How long slices are kept; a reload may make it longer. */
  readonly retentionMs: number;
};

export type Book = {
  /** All entries, as of the slices now. */
  entries(nowMs: number): readonly Entry[];
  drilled(drill: DrillReport): void;
  drills(): readonly DrillReport[];
  replace(objectives: readonly Objective[]): void;
};

type Kept = Entry & { apart: Apart };

export function book(objectives: readonly Objective[], drills: readonly DrillReport[], deps: BookDeps): Book {
  const known = new Map(drills.map((drill) => [drill.id, drill]));
  let kept: readonly Kept[] = [];
  let isNew = true;

  function replace(next: readonly Objective[]): void {
    kept = next.map(keptOf);
    isNew = true;
    const limits = next.flatMap(({ indicator, timeSlices }) =>
      indicator.kind === 'latency-under' && timeSlices !== undefined ? [indicator.limitMs] : [],
    );
    deps.distinguish?.([...new Set(limits)]);
    // Slices are merged at their age, whether somebody has looked meanwhile or not.
    setApart(deps.nowMs());
  }

  function catchUp(): void {
    const touched = deps.takeTouched();
    const byName = Map.groupBy(deps.series(), (series) => deps.nameOf(series.checkId));
    const changes = isNew ? everything(byName.values()) : touched;
    isNew = false;
    const places = placesOf(changes, deps);
    for (const { objective, ledger } of kept) {
      const series = (byName.get(objective.check) ?? []).filter((one) => counts(one, objective, deps));
      for (const place of places.get(objective.check) ?? []) ledger.put(place, foundAt(series, place, objective, deps));
    }
  }

  function setApart(nowMs: number): void {
    const drilled = merged(drillSpans([...known.values()], nowMs));
    let isOther = isNew;
    for (const one of kept) {
      const next = apartOf(one.objective.exclusions ?? [], drilled, sliceWidthMs);
      const changedMs = firstDifferenceMs(one.apart, next);
      one.apart = next;
      if (changedMs === null) continue;
      one.ledger.apartChanged(changedMs);
      isOther = true;
    }
    if (!isOther) return;
    // Not put together: where one objective's end within another's, slices have to end too.
    const excluded = kept.flatMap(({ apart }) => apart.excluded);
    deps.protect([...widened(drilled, sliceWidthMs), ...excluded]);
  }

  replace(objectives);
  return {
    entries(nowMs) {
      setApart(nowMs);
      catchUp();
      for (const { ledger } of kept) ledger.forget(nowMs - deps.retentionMs);
      return kept;
    },
    drilled: (drill) => known.set(drill.id, drill),
    drills: () => [...known.values()],
    replace,
  };
}

function keptOf(objective: Objective): Kept {
  const one: Kept = { objective, apart: nothingApart, ledger: ledgerOf(objective, () => one.apart) };
  return one;
}

function* everything(groups: Iterable<readonly Series[]>): Generator<Change, void, undefined> {
  for (const group of groups) {
    for (const series of group) {
      for (const [tier, slices] of series.tiers.entries()) {
        for (const atMs of slices.keys()) yield { series, tier, atMs };
      }
    }
  }
}

/** Per check, each place once, the wide ones first: a narrow one that goes is looked for in them. */
function placesOf(changes: Iterable<Change>, deps: FactsDeps): ReadonlyMap<string, Iterable<Place>> {
  const places = new Map<string, Map<string, Place>>();
  for (const { series, tier, atMs } of changes) {
    if (series.burst !== '') continue;
    const name = deps.nameOf(series.checkId);
    const own = places.get(name) ?? new Map<string, Place>();
    places.set(name, own);
    own.set(`${tier}/${atMs}`, { atMs, widthMs: tierWidthsMs[tier] as number });
  }
  const ordered = (own: ReadonlyMap<string, Place>) =>
    [...own.values()].sort((a, b) => b.widthMs - a.widthMs || a.atMs - b.atMs);
  return new Map([...places].map(([name, own]) => [name, ordered(own)]));
}

function* foundAt(
  all: readonly Series[],
  { atMs, widthMs }: Place,
  { region }: Objective,
  deps: FactsDeps,
): Generator<Found, void, undefined> {
  const tier = tierWidthsMs.indexOf(widthMs);
  for (const series of all) {
    const slice = series.tiers[tier]?.get(atMs);
    if (slice !== undefined) yield { slice, asked: region === null || deps.regionOf(series.checkId) === region };
  }
}

function firstDifferenceMs(before: Apart, after: Apart): number | null {
  const firsts = [before.excluded, before.drills].flatMap((spans, index) => {
    const others = index === 0 ? after.excluded : after.drills;
    for (let at = 0; at < Math.max(spans.length, others.length); at += 1) {
      const [a, b] = [spans[at], others[at]];
      if (a?.fromMs === b?.fromMs && a?.toMs === b?.toMs) continue;
      if (a === undefined || b === undefined) return [(a ?? b)?.fromMs ?? 0];
      return [a.fromMs === b.fromMs ? Math.min(a.toMs, b.toMs) - sliceWidthMs : Math.min(a.fromMs, b.fromMs)];
    }
    return [];
  });
  return firsts.length === 0 ? null : Math.min(...firsts);
}
