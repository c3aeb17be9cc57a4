/** How long requests took, in classes each a twentieth longer than the one before: a quantile is right to that. */

const growth = 1.05;
/** What is shorter is in the first class. */
const leastMs = 0.1;
/** Whatever is longer than some hours is in the last. */
const lastClass = 400;

export type Durations = Map<number, number>;

export function noteDuration(durations: Durations, durationMs: number): void {
  const index = Math.min(lastClass, Math.max(0, Math.ceil(Math.log(durationMs / leastMs) / Math.log(growth))));
  durations.set(index, (durations.get(index) ?? 0) + 1);
}

export function addDurations(to: Durations, from: Iterable<readonly [number, number]>): void {
  for (const [index, count] of from) to.set(index, (to.get(index) ?? 0) + count);
}

/** The upper end of the class in which the quantile is; `null` of none. */
export function quantileMs(durations: Durations, quantile: number): number | null {
  const classes = [...durations].sort(([a], [b]) => a - b);
  const total = classes.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [index, count] of classes) {
    seen += count;
    if (seen >= quantile * total) return Number((leastMs * growth ** index).toPrecision(3));
  }
  return null;
}
