/** The ledgers of all objectives, kept as their slices are. */
import type { DrillReport } from '../../contract/drill.ts';
import type { Objective } from '../../contract/objective.ts';
import { drillSpans, merged, type Span, widened } from '../../contract/slo/spans.ts';
import type { Change, Series } from '../slices/table.ts';
import { sliceWidthMs, tierWidthsMs } from '../slices/tiers.ts';
import { type CountedDrill, countedDrills, reachesBeyond } from './drilled.ts';
import type { FactsDeps } from './facts.ts';
import { fill, foundAt, type Step, sourcesOf } from './fill.ts';
import { type Ledger, ledgerOf, type Place } from './ledger.ts';
import { type Apart, apartOf, nothingApart } from './lines.ts';
import { windowAt } from './window.ts';

export type Entry = {
  readonly objective: Objective;
  readonly ledger: Ledger;
  /** Whether the ledger has all slices that there are. */
  readonly isReady: boolean;
};

export type BookDeps = FactsDeps & {
  /** Slices that changed or went since the last call. */
  takeTouched(): Iterable<Change>;
  /** No slice is merged over where one of these begins or ends: what lies on either side is counted apart. */
  protect(spans: readonly Span[]): void;
  /** Limits of latency that merged hours tell apart, minute by minute: those that count slices of time. */
  readonly distinguish?: (limitsMs: readonly number[]) => void;
  /** How long slices are kept; a reload may make it longer. */
  readonly retentionMs: number;
  nowMs(): number;
};

export type Book = {
  /** All entries, as of the slices now; of those that are not ready some more may be. */
  entries(nowMs: number): readonly Entry[];
  /** One of them, made ready at once. */
  entry(id: string, nowMs: number): Entry | undefined;
  /** Goes on with what is not ready, for a turn of the event loop; whether there is more to do. */
  turn(): boolean;
  drilled(drill: DrillReport): void;
  /** Those that reach into what is kept. */
  drills(): readonly CountedDrill[];
  /** Of drills that are not known yet: what a longer window needs of the past. */
  recall(drills: readonly CountedDrill[]): void;
  replace(objectives: readonly Objective[]): void;
};

type Kept = Omit<Entry, 'isReady'> & { apart: Apart; isReady: boolean };

/** A turn ends when it has taken so long, but not before so many slices were put: on a busy machine time is not work. */
const turnMs = 5;
const leastInTurn = 1_000;

export function book(objectives: readonly Objective[], drills: readonly CountedDrill[], deps: BookDeps): Book {
  const known = new Map(drills.map((drill) => [drill.id, drill]));
  let kept: readonly Kept[] = [];
  let filling: Generator<Step, void, boolean> | null = null;
  let isNew = true;

  function replace(next: readonly Objective[]): void {
    const before = new Map(kept.map((one) => [JSON.stringify(one.objective), one]));
    // One that stays as it was is not lost meanwhile; it is filled again, as what its check asks may be another.
    kept = next.map((objective) => before.get(JSON.stringify(objective)) ?? keptOf(objective));
    filling = fillAll(kept);
    const limits = next.flatMap(({ indicator, timeSlices }) =>
      indicator.kind === 'latency-under' && timeSlices !== undefined ? [indicator.limitMs] : [],
    );
    deps.distinguish?.([...new Set(limits)]);
    // Slices are merged at their age, whether somebody has looked meanwhile or not.
    setApart(deps.nowMs());
  }

  function named(check: string): readonly Series[] {
    return [...deps.series()].filter((series) => deps.nameOf(series.checkId) === check);
  }

  /** What changed before anything was read is read with all the rest. */
  function begin(): void {
    if (isNew) deps.takeTouched();
    isNew = false;
  }

  function catchUp(): void {
    begin();
    const places = placesOf(deps.takeTouched(), deps);
    if (places.size === 0) return;
    const byName = Map.groupBy(deps.series(), (series) => deps.nameOf(series.checkId));
    for (const { objective, ledger } of kept) {
      const changed = places.get(objective.check);
      if (changed === undefined) continue;
      const sources = sourcesOf(objective, byName.get(objective.check) ?? [], deps);
      for (const { tier, ...place } of changed) ledger.put(place, foundAt(sources, tier, place.atMs));
    }
  }

  function* fillAll(all: readonly Kept[]): Generator<Step, void, boolean> {
    for (const [check, entries] of Map.groupBy(all, ({ objective }) => objective.check)) {
      yield* fill(entries, () => named(check), deps);
      for (const one of entries) {
        addUp(one, deps.nowMs());
        one.isReady = true;
        yield leastInTurn;
      }
    }
  }

  function turn(): boolean {
    begin();
    const startedMs = deps.nowMs();
    let done = 0;
    let wasAway = true;
    while (filling !== null) {
      const step = filling.next(wasAway);
      wasAway = false;
      if (step.done === true) filling = null;
      else done += step.value;
      if (done >= leastInTurn && deps.nowMs() - startedMs >= turnMs) break;
    }
    return filling !== null;
  }

  /** Of slices that are forgotten nobody asks whether they lay in a drill. */
  function forgetDrills(keptFromMs: number): void {
    for (const [id, drill] of known) if (!reachesBeyond(drill, keptFromMs)) known.delete(id);
  }

  function setApart(nowMs: number): void {
    const keptFromMs = nowMs - deps.retentionMs - sliceWidthMs;
    forgetDrills(keptFromMs);
    const drilled = merged(drillSpans([...known.values()], nowMs));
    let isOther = isNew;
    for (const one of kept) {
      const next = apartOf(one.objective.exclusions ?? [], drilled, sliceWidthMs);
      const changedMs = firstDifferenceMs(since(one.apart, keptFromMs), since(next, keptFromMs));
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

  function entries(nowMs: number): readonly Kept[] {
    setApart(nowMs);
    catchUp();
    turn();
    for (const { ledger } of kept) ledger.forget(nowMs - deps.retentionMs);
    return kept;
  }

  replace(objectives);
  return {
    entries,
    entry(id, nowMs) {
      const one = entries(nowMs).find(({ objective }) => objective.id === id);
      if (one === undefined || one.isReady) return one;
      const alone = fill([one], () => named(one.objective.check), deps);
      while (alone.next(false).done !== true);
      one.isReady = true;
      return one;
    },
    turn,
    drilled(drill) {
      for (const counted of countedDrills([drill])) known.set(counted.id, counted);
    },
    drills: () => [...known.values()],
    recall(drills) {
      for (const drill of drills) if (!known.has(drill.id)) known.set(drill.id, drill);
    },
    replace,
  };
}

function keptOf(objective: Objective): Kept {
  const ledger = ledgerOf(objective, () => one.apart);
  // Of drills there are no slices.
  const one: Kept = { objective, apart: nothingApart, ledger, isReady: objective.indicator.kind === 'failover' };
  return one;
}

/** Once: what is asked for later is the difference of two sums that are there. */
function addUp({ objective, ledger }: Kept, nowMs: number): void {
  ledger.evidence({ fromMs: windowAt(objective, nowMs).fromMs, toMs: nowMs });
}

type TierPlace = Place & { readonly tier: number };

/** Per check, each place once, the wide ones first: a narrow one that goes is looked for in them. */
function placesOf(changes: Iterable<Change>, deps: FactsDeps): ReadonlyMap<string, Iterable<TierPlace>> {
  const places = new Map<string, Map<string, TierPlace>>();
  for (const { series, tier, atMs } of changes) {
    if (series.burst !== '') continue;
    const name = deps.nameOf(series.checkId);
    const own = places.get(name) ?? new Map<string, TierPlace>();
    places.set(name, own);
    own.set(`${tier}/${atMs}`, { atMs, widthMs: tierWidthsMs[tier] as number, tier });
  }
  const ordered = (own: ReadonlyMap<string, TierPlace>) =>
    [...own.values()].sort((a, b) => b.widthMs - a.widthMs || a.atMs - b.atMs);
  return new Map([...places].map(([name, own]) => [name, ordered(own)]));
}

/** Without what lies before: that a drill of then is forgotten is no difference. */
function since({ excluded, drills }: Apart, ms: number): Apart {
  const after = (spans: readonly Span[]): readonly Span[] =>
    spans.flatMap(({ fromMs, toMs }) => (toMs > ms ? [{ fromMs: Math.max(fromMs, ms), toMs }] : []));
  return { excluded: after(excluded), drills: after(drills) };
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
