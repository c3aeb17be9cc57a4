/** The slope of a series by the median of the slopes of its pairs (Theil and Sen), with an exact interval from Kendall's distribution. */

export type Slope = {
  readonly perStep: number;
  /** Of 95 % at least; `null` with fewer than five values. */
  readonly interval: readonly [number, number] | null;
};

const alpha = 0.05;

/** `null` with fewer than two values. They are as far apart as they are in the list: a step each. */
export function slopeOf(values: readonly number[]): Slope | null {
  const slopes = values
    .flatMap((value, index) => values.slice(index + 1).map((later, step) => (later - value) / (step + 1)))
    .toSorted((a, b) => a - b);
  if (slopes.length === 0) return null;
  const half = slopes.length / 2;
  const perStep = ((slopes[Math.ceil(half) - 1] ?? 0) + (slopes[Math.floor(half)] ?? 0)) / 2;
  const rank = lowestRank(values.length);
  const bounds = [slopes[rank - 1], slopes[slopes.length - rank]] as const;
  const [lower, upper] = bounds;
  return { perStep, interval: rank === 0 || lower === undefined || upper === undefined ? null : [lower, upper] };
}

/** The largest m for which as few as m - 1 pairs out of order are rarer than half of alpha; 0: none is. */
function lowestRank(n: number): number {
  const chances = inversions(n);
  let below = 0;
  let rank = 0;
  for (const chance of chances) {
    below += chance;
    if (below > alpha / 2) break;
    rank += 1;
  }
  return rank;
}

/** How likely 0, 1, 2, … pairs of n values in chance order are out of order. */
function inversions(n: number): readonly number[] {
  let chances = [1];
  for (let count = 2; count <= n; count += 1) {
    const next = Array.from({ length: chances.length + count - 1 }, () => 0);
    for (const [at, chance] of chances.entries()) {
      for (let more = 0; more < count; more += 1) next[at + more] = (next[at + more] ?? 0) + chance / count;
    }
    chances = next;
  }
  return chances;
}
