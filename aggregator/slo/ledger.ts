/**
 * What an objective's slices add up to, kept up to date as they change: a verdict after a slice does not look at the
 * window again, and one of a past moment costs the same.
 */
import type { Objective, RatioIndicator } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import { slicesInBurst } from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { emptyHistogram } from '../slices/histogram.ts';
import { sliceWidthMs } from '../slices/tiers.ts';
import { type Account, plus } from './account.ts';
import { type Arrivals, arrivalsBetween, arriving, type Came } from './arrivals.ts';
import { blockMsOf, measuredEffect } from './bursts.ts';
import {
  addTo,
  type Cell,
  cellOf,
  type DurationsCell,
  durationsOf,
  type Found,
  readerOf,
  type Timing,
} from './cells.ts';
import { blocksOf, effectBetween, lying, type Weigh } from './clumps.ts';
import { type FoldOptions, freshness, timeSlices as inSlices, type LinesFold, occurrences } from './folds.ts';
import { heaped, heapsOf } from './heaps.ts';
import type { Evidence } from './judge.ts';
import { type Accounts, type Apart, type Lines, lineOf, linesBetween } from './lines.ts';
import { partsOf } from './parts.ts';
import { spectrum, spectrumBetween } from './spectrum.ts';
import { type Timed, type Timeline, timeline } from './timeline.ts';

export type Place = { readonly atMs: number; readonly widthMs: number };

export type Ledger = {
  /** The slices of this place are these now; of none, the place is empty. */
  put(place: Place, found: readonly Found[]): void;
  /** The moment as far as slices can tell: the start of the merged slice that it lies in. */
  moment(atMs: number): number;
  evidence(window: Span): Evidence & { readonly arrivals: Arrivals };
  /** Line by line; `undefined` for quantiles, which have no budget. */
  lines(window: Span): Accounts | undefined;
  /** How much of the window is between its first and its last slice, without what is excluded. */
  spanMs(window: Span): number;
  /** What is counted apart is another from that moment on. */
  apartChanged(fromMs: number): void;
  forget(beforeMs: number): void;
};

export function ledgerOf(objective: Objective, apart: () => Apart): Ledger {
  const { indicator } = objective;
  if (indicator.kind === 'latency' || indicator.kind === 'replication-lag') return quantileLedger(objective, apart);
  const countsDrills = objective.drills !== 'excluded';
  const { burstMs, timeSlices, windowMs } = objective;
  // Of slices of time and of steps each counts once, however many results there are.
  const isStated = burstMs !== undefined && timeSlices === undefined && indicator.kind !== 'freshness';
  const blocks = isStated ? { ...blocksOf(burstMs), countsMissing: policyOf(objective) !== 'exclude' } : null;
  const options: FoldOptions = { apart, countsDrills, blockMs: blockMsOf(windowMs), blocks };
  if (indicator.kind === 'freshness') {
    return ratioLedger(objective, indicator, freshness(indicator.limitMs, sliceWidthMs, options), options);
  }
  return timeSlices === undefined
    ? ratioLedger(objective, indicator, occurrences(options), options)
    : ratioLedger(objective, indicator, inSlices(timeSlices, policyOf(objective), options), options);
}

function policyOf({ missing = 'exclude' }: Objective): NonNullable<Objective['missing']> {
  return missing;
}

/** What the objective's verdict counts of its lines. */
function countedIn({ drills }: Objective, { own, drills: drilled }: Accounts): Account {
  return drills === 'excluded' ? own : plus(own, drilled);
}

function nounOf(objective: Objective): string {
  if (objective.indicator.kind === 'freshness') return `steps of ${formatMs(sliceWidthMs)}`;
  if (objective.indicator.kind === 'residency' && objective.timeSlices === undefined) return 'answers';
  return objective.timeSlices === undefined ? 'samples' : `slices of ${formatMs(objective.timeSlices.sliceMs)}`;
}

function ratioLedger<S>(
  objective: Objective,
  indicator: RatioIndicator,
  fold: LinesFold<S>,
  options: FoldOptions,
): Ledger {
  const { apart, blockMs, blocks } = options;
  const cells = timeline(arriving(fold, options, cameOf));
  const read = readerOf(indicator);
  const unitMs = objective.timeSlices?.sliceMs ?? sliceWidthMs;
  const isResidency = indicator.kind === 'residency';
  const weigh: Weigh = {
    region: objective.region,
    countsMissing: blocks?.countsMissing ?? false,
    // An attempt that shows nothing of where data is counts with what is missing.
    of: (good, bad, leaks) => (isResidency && !weigh.countsMissing ? good + leaks : good + bad),
  };
  const lieOf = lying(blocks);

  /** A merged hour goes in minute by minute, where it knows its minutes. */
  function putParts(place: Place, found: readonly Found[]): boolean {
    const parts = partsOf(found, { ...place, region: objective.region }, indicator);
    for (const cell of cells.between(place.atMs, place.atMs + place.widthMs)) {
      if (cell.isPart) cells.remove(cell.atMs, cell.widthMs);
    }
    for (const cell of parts ?? []) cells.set(cell);
    return parts !== undefined;
  }

  function edges({ fromMs, toMs }: Span) {
    const startMs = cells.edge(Math.floor(fromMs / unitMs) * unitMs);
    const [start, end] = [cells.through(startMs), cells.through(toMs)];
    const arrivals = (): Arrivals => arrivalsBetween(end, start, { fromMs: startMs, toMs });
    return { from: fold.lines(start.inner), to: fold.lines(end.inner), arrivals };
  }

  function linesIn(window: Span): Accounts {
    const { from, to } = edges(window);
    return linesBetween(to, from);
  }

  function effect(window: Span, { bad }: Account, { from, to }: Edges): number {
    if (blocks !== null && to.clumps !== null && from.clumps !== null)
      return effectBetween(to.clumps, from.clumps, blocks);
    if (objective.burstMs !== undefined) return slicesInBurst(objective.burstMs, unitMs);
    if (bad === 0) return 1;
    const startMs = cells.edge(Math.floor(window.fromMs / blockMs) * blockMs);
    const [end, start] = [window.toMs, startMs].map((ms) => fold.lines(cells.through(ms).inner).crowd);
    return end && start ? measuredEffect(end, start) : 1;
  }

  return {
    put(place, found) {
      const { atMs, widthMs } = place;
      if (objective.timeSlices !== undefined && widthMs > unitMs && putParts(place, found)) {
        cells.remove(atMs, widthMs);
        return;
      }
      const cell = cellOf(found, { ...place, region: objective.region }, read);
      if (cell !== undefined) {
        const lie = lieOf(found, widthMs, weigh);
        cells.set(lie === undefined ? cell : { ...cell, lie });
      }
      // Wide places come first: a minute that went into its hour is a part of it now.
      else if (cells.get(atMs, widthMs)?.isPart !== true) cells.remove(atMs, widthMs);
    },
    moment: (atMs) => cells.edge(atMs, sliceWidthMs),
    evidence(window) {
      const { from, to, arrivals } = edges(window);
      const account = countedIn(objective, linesBetween(to, from));
      return {
        kind: 'ratio',
        account,
        policy: policyOf(objective),
        designEffect: effect(window, account, { from, to }),
        noun: nounOf(objective),
        missing: account.missing,
        arrivals: arrivals(),
      };
    },
    lines: linesIn,
    spanMs: (window) => spanMs(cells, window, apart()),
    apartChanged: cells.changedFrom,
    forget: cells.forget,
  };
}

type Edges = { readonly from: Lines; readonly to: Lines };

function cameOf({ good, bad, unsure, missing }: Cell): Came {
  return { came: good + bad + unsure, missing };
}

/**
 * Rates are by this: missing results are counted, so it holds for silence too, and it stays the same when slices are
 * merged.
 */
function spanMs<C extends Timed>(cells: Timeline<C, unknown>, window: Span, { excluded }: Apart): number {
  const [first, last] = cells.ends(cells.edge(window.fromMs), window.toMs);
  if (first === undefined || last === undefined) return 0;
  // Merging moves the first and the last slice a little: a window that is nearly full is full.
  const slackMs = (window.toMs - window.fromMs) / 20;
  const endMs = last.atMs + last.widthMs;
  const fromMs = first.atMs < window.fromMs + slackMs ? window.fromMs : first.atMs;
  const toMs = endMs > window.toMs - slackMs ? window.toMs : endMs;
  const within = excluded.map((span) => Math.min(span.toMs, toMs) - Math.max(span.fromMs, fromMs));
  return toMs - fromMs - within.reduce((all, ms) => all + Math.max(0, ms), 0);
}

/** All regions as one: every result counts the same. */
function pooled(regions: ReadonlyMap<string, Timing>): Timing {
  const [only, ...more] = regions.values();
  if (only !== undefined && more.length === 0) return only;
  const all = new Map<string, Timing>();
  for (const timing of regions.values()) addTo(all, '', timing);
  return all.get('') ?? { durations: emptyHistogram(), bad: 0 };
}

function timedIn({ regions, missing }: DurationsCell): Came {
  let came = 0;
  for (const { durations, bad } of regions.values()) came += durations.count + bad;
  return { came, missing };
}

function quantileLedger(objective: Objective, apart: () => Apart): Ledger {
  const countsDrills = objective.drills !== 'excluded';
  const heaps = heapsOf(objective);
  const isCounted = (cell: Timed): boolean => {
    const { line } = lineOf(apart(), cell);
    return line === 'own' || (line === 'drills' && countsDrills);
  };
  const fold = heaped(spectrum(apart, countsDrills), heaps, isCounted);
  const cells = timeline(arriving(fold, { apart, countsDrills }, timedIn));
  return {
    put(place, found) {
      const cell = durationsOf(found, { ...place, region: objective.region });
      if (cell === undefined) cells.remove(place.atMs, place.widthMs);
      else cells.set(heaps.with(cell, found));
    },
    moment: (atMs) => cells.edge(atMs, sliceWidthMs),
    evidence({ fromMs, toMs }) {
      const startMs = cells.edge(fromMs);
      const [end, start] = [cells.through(toMs), cells.through(startMs)];
      const [to, from] = [end.inner, start.inner];
      const { regions, missing } = spectrumBetween(to.sums, from.sums);
      const arrivals = arrivalsBetween(end, start, { fromMs: startMs, toMs });
      const { durations, bad } = pooled(regions);
      const designEffect = heaps.effect(to.clumps, from.clumps);
      return {
        kind: 'quantile',
        good: durations.count,
        bad,
        durations,
        samplesMs: null,
        designEffect,
        regions,
        missing,
        arrivals,
      };
    },
    lines: () => undefined,
    spanMs: (window) => spanMs(cells, window, apart()),
    apartChanged: cells.changedFrom,
    forget: cells.forget,
  };
}
