/** Stretches of time `[fromMs, toMs)` that are counted apart. */
import type { DrillReport } from '../drill.ts';

/** Results are counted in slices so wide, until they are merged: nothing finer can be told apart. */
export const sliceWidthMs = 10_000;

export type Span = { readonly fromMs: number; readonly toMs: number };

/** The same moments, in order, each once. Spans that overlap or touch become one; empty ones go. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const whole: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = whole.at(-1);
    if (span.toMs <= span.fromMs) continue;
    if (last === undefined || span.fromMs > last.toMs) whole.push(span);
    else if (span.toMs > last.toMs) whole[whole.length - 1] = { fromMs: last.fromMs, toMs: span.toMs };
  }
  return whole;
}

/** Widened to whole slices: one that is touched is covered. */
export function widened(spans: readonly Span[], sliceMs: number): readonly Span[] {
  const floor = (ms: number): number => Math.floor(ms / sliceMs) * sliceMs;
  const ceil = (ms: number): number => Math.ceil(ms / sliceMs) * sliceMs;
  return merged(spans.map(({ fromMs, toMs }) => ({ fromMs: floor(fromMs), toMs: ceil(toMs) })));
}

/** Of spans in order: the first that ends after `ms`, by its index. */
function firstAfter(spans: readonly Span[], ms: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).toMs > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How these merged spans lie to a slice: they cover it, cut it, or have nothing to do with it. */
export function lieOf(spans: readonly Span[], { fromMs, toMs }: Span): 'covers' | 'cuts' | 'apart' {
  const span = spans[firstAfter(spans, fromMs)];
  if (span === undefined || span.fromMs >= toMs) return 'apart';
  return span.fromMs <= fromMs && span.toMs >= toMs ? 'covers' : 'cuts';
}

/** Of a report that does not say: what a drill without `lease` has. */
const usualLeaseMs = 30_000;
/** A drill whose runner gives no sign of life at all is believed for so long. */
const believedMs = 3_600_000;

/** A runner that says nothing for so long beyond a lease has died, or slept: it was not its network alone. */
const surelyMs = 60_000;

/** What a report says of when its drill took something away. */
export type DrillTimes = Pick<
  DrillReport,
  'fault' | 't0' | 'endedMs' | 'aliveAtMs' | 'leaseMs' | 'silentFromMs' | 'mendedMs'
>;

/**
 * When drills took something away, up to their end; `nowMs` for one that runs. On the aggregator's clock. A runner that
 * fell silent is believed for a lease: then its restorer mends, and what fails after that is not the drill's. Where there
 * was something left to mend, whoever did it says when.
 */
export function drillSpans(drills: readonly DrillTimes[], nowMs: number): readonly Span[] {
  return drills.flatMap((drill) => {
    const { t0, endedMs, fault } = drill;
    if (t0 === null || fault === 'observed') return [];
    return [{ fromMs: t0.lowerMs, toMs: Math.min(endedMs ?? nowMs, believedToMs(drill, t0.upperMs)) }];
  });
}

function believedToMs({ mendedMs, silentFromMs, aliveAtMs, leaseMs, endedMs }: DrillTimes, injectedMs: number): number {
  if (mendedMs !== undefined) return mendedMs;
  if (silentFromMs !== undefined) return silentFromMs;
  if (aliveAtMs === undefined) return endedMs ?? injectedMs + believedMs;
  return aliveAtMs + (leaseMs ?? usualLeaseMs);
}

/**
 * The report, with when its runner fell silent for good, as the one before shows it: a runner that wakes hours later
 * announces a drill that its restorer has long ended.
 */
export function continued(before: DrillReport | undefined, drill: DrillReport): DrillReport {
  const silentFromMs = before?.silentFromMs ?? silenceBetween(before, drill);
  return silentFromMs === undefined ? drill : { ...drill, silentFromMs };
}

function silenceBetween(before: DrillReport | undefined, { aliveAtMs = 0 }: DrillReport): number | undefined {
  if (before?.aliveAtMs === undefined || before.t0 === null || before.status === 'over') return undefined;
  const believedMs = before.aliveAtMs + (before.leaseMs ?? usualLeaseMs);
  return aliveAtMs > believedMs + surelyMs ? believedMs : undefined;
}
