import type { Bounds } from '../../contract/bounds.ts';

/** What was true at some moment of `[startMs, endMs]`; all spans that are compared are on one clock. */
export type Span = { readonly startMs: number; readonly endMs: number };

export function latestStart(spans: readonly Span[]): number {
  return spans.reduce((latest, span) => Math.max(latest, span.startMs), Number.NEGATIVE_INFINITY);
}
export function latestEnd(spans: readonly Span[]): number {
  return spans.reduce((latest, span) => Math.max(latest, span.endMs), Number.NEGATIVE_INFINITY);
}
export function earliestStart(spans: readonly Span[]): number {
  return spans.reduce((earliest, span) => Math.min(earliest, span.startMs), Number.POSITIVE_INFINITY);
}
export function earliestEnd(spans: readonly Span[]): number {
  return spans.reduce((earliest, span) => Math.min(earliest, span.endMs), Number.POSITIVE_INFINITY);
}

/**
 * When what `before` shows gave way to what `after` shows, for good, not earlier than `from`. Two spans are ordered only
 * when they don't overlap: an `after` that overlaps a `before` may have been a stray one ahead of the change, so only
 * those that are surely behind every `before` bound it. `undefined` when either side is missing.
 */
export function transition(before: readonly Span[], after: readonly Span[], from: Bounds): Bounds | undefined {
  if (before.length === 0) return undefined;
  const settledMs = Math.max(latestEnd(before), from.upperMs);
  const upperMs = earliestEnd(after.filter((span) => span.startMs >= settledMs));
  return upperMs === Number.POSITIVE_INFINITY
    ? undefined
    : { lowerMs: Math.max(latestStart(before), from.lowerMs), upperMs };
}
