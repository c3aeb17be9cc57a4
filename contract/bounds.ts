/**
 * A moment known to lie in `[lowerMs, upperMs]`. Which clock it is on is said where it is used. Subtract bounds, not
 * midpoints; collapse to one number only when printing.
 */
export type Bounds = { readonly lowerMs: number; readonly upperMs: number };

/** The largest drift between two clocks that is assumed unless a better figure was measured, in parts per million. */
export const assumedDriftPpm = 200;

export function exactly(atMs: number): Bounds {
  return { lowerMs: atMs, upperMs: atMs };
}

export function around(middleMs: number, errorMs: number): Bounds {
  return { lowerMs: middleMs - errorMs, upperMs: middleMs + errorMs };
}

/** All that `end - start` can be. */
export function elapsed(start: Bounds, end: Bounds): Bounds {
  return { lowerMs: end.lowerMs - start.upperMs, upperMs: end.upperMs - start.lowerMs };
}

/** `bounds`, read on a clock that is ahead of it by `offset`. */
export function shifted(bounds: Bounds, offset: Bounds): Bounds {
  return { lowerMs: bounds.lowerMs + offset.lowerMs, upperMs: bounds.upperMs + offset.upperMs };
}

/** A length measured on a clock that may drift by `ppm`, as it may be on a true one. */
export function stretched(bounds: Bounds, ppm: number = assumedDriftPpm): Bounds {
  const slack = Math.max(Math.abs(bounds.lowerMs), Math.abs(bounds.upperMs)) * (ppm / 1_000_000);
  return { lowerMs: bounds.lowerMs - slack, upperMs: bounds.upperMs + slack };
}

/** The smallest bounds that contain both. */
export function hull(a: Bounds, b: Bounds): Bounds {
  return { lowerMs: Math.min(a.lowerMs, b.lowerMs), upperMs: Math.max(a.upperMs, b.upperMs) };
}

/** What both agree on; `undefined` where they contradict each other. */
export function overlap(a: Bounds, b: Bounds): Bounds | undefined {
  const lowerMs = Math.max(a.lowerMs, b.lowerMs);
  const upperMs = Math.min(a.upperMs, b.upperMs);
  return lowerMs <= upperMs ? { lowerMs, upperMs } : undefined;
}

export function widthMs(bounds: Bounds): number {
  return bounds.upperMs - bounds.lowerMs;
}

export function contains(bounds: Bounds, atMs: number): boolean {
  return bounds.lowerMs <= atMs && atMs <= bounds.upperMs;
}
