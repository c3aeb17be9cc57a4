/** An objective over a stretch of time that whoever asks chose, and against another target if they say one. */
import type { Indicator, Objective } from '../../contract/objective.ts';
import { drillSpans, merged, type Span } from '../../contract/slo/spans.ts';
import { slicesIn, sliceWidthMs } from '../slices/tiers.ts';
import type { BookDeps, Entry } from './book.ts';
import type { Found } from './cells.ts';
import { counts } from './facts.ts';
import { ledgerOf, type Place } from './ledger.ts';
import { apartOf } from './lines.ts';

export type Stretch = {
  readonly atMs: number;
  /** `null`: the objective's own window. */
  readonly sinceMs: number | null;
  /** A ratio or milliseconds, as the indicator has it; `null`: the objective's own. */
  readonly target: number | null;
};

/** The same objective, asked of that stretch. It begins with the first slice that lies in it as a whole. */
export function overStretch(objective: Objective, { atMs, sinceMs, target }: Stretch): Objective {
  const asked = target === null ? objective : { ...objective, indicator: targeted(objective.indicator, target) };
  if (sinceMs === null) return asked;
  const { calendar: _, ...rolling } = asked;
  const fromMs = Math.ceil(sinceMs / sliceWidthMs) * sliceWidthMs;
  return { ...rolling, windowMs: Math.max(sliceWidthMs, atMs - fromMs) };
}

function targeted(indicator: Indicator, target: number): Indicator {
  return 'targetMs' in indicator ? { ...indicator, targetMs: target } : { ...indicator, target };
}

/** With a ledger of its own, made of the slices of the window alone. */
export function entryOver(objective: Objective, window: Span, drilled: readonly Span[], deps: BookDeps): Entry {
  const apart = apartOf(objective.exclusions ?? [], drilled, sliceWidthMs);
  const ledger = ledgerOf(objective, () => apart);
  const places = new Map<string, Place & { readonly found: Found[] }>();
  for (const series of deps.series()) {
    if (!counts(series, objective, deps)) continue;
    const asked = objective.region === null || deps.regionOf(series.checkId) === objective.region;
    for (const slice of slicesIn(series, window.fromMs, window.toMs)) {
      const { atMs, widthMs } = slice;
      const key = `${widthMs}/${atMs}`;
      const place = places.get(key) ?? { atMs, widthMs, found: [] };
      places.set(key, place);
      place.found.push({ slice, asked });
    }
  }
  const ordered = [...places.values()].sort((a, b) => b.widthMs - a.widthMs || a.atMs - b.atMs);
  for (const { found, ...place } of ordered) ledger.put(place, found);
  return { objective, ledger, isReady: true };
}

export function drilledSpans(drills: Parameters<typeof drillSpans>[0], nowMs: number): readonly Span[] {
  return merged(drillSpans(drills, nowMs));
}
