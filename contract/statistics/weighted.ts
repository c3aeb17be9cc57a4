/**
 * Shares of several groups put together by fixed weights. No exact distribution is known without the groups' own shares,
 * so the tail is bounded: by exponential moments (Chernoff 1952, "A measure of asymptotic efficiency for tests of a
 * hypothesis based on the sum of observations", Annals of Mathematical Statistics 23; Hoeffding 1963, "Probability
 * inequalities for sums of bounded random variables", JASA 58), at the worst of all shares that add up to the same. It
 * holds for any number of samples; its intervals are some 40 % wider than they would be if the shares were known. With
 * all samples of one side, as with one group that never failed, it is exact.
 */

/** One group: `k` of `n` samples, which count for `weight` of the whole. Weights add up to 1. */
export type Stratum = { readonly weight: number; readonly n: number; readonly k: number };

/** The weighted share that was measured; groups without samples add nothing. */
export function weightedShare(strata: readonly Stratum[]): number {
  return strata.reduce((sum, { weight, n, k }) => (n === 0 ? sum : sum + (weight * k) / n), 0);
}

/**
 * At most so likely (its logarithm) is a weighted share as high as this one, or higher, where the true one is `q` or
 * lower. Of a group without samples nothing is known: it may be that none of it counts.
 */
export function logWeightedTail(strata: readonly Stratum[], q: number): number {
  const known = strata.filter(({ n, weight }) => n > 0 && weight > 0);
  const whole = known.reduce((sum, { weight }) => sum + weight, 0);
  const share = weightedShare(known);
  if (share <= q || whole <= q) return 0;
  // Any tilt gives a bound, and the least is sought: it lies where the tilted mean is the share that was measured.
  let low = -30;
  let high = Math.log(largestTilt * Math.max(...known.map(({ n, weight }) => n / weight)));
  for (let step = 0; step < tiltSteps; step += 1) {
    const middle = (low + high) / 2;
    const tilt = Math.exp(middle);
    if (tiltedMean(known, worstShares(known, q, tilt), tilt) < share) low = middle;
    else high = middle;
  }
  const tilt = Math.exp(high);
  return Math.min(0, logMoment(known, worstShares(known, q, tilt), tilt) - tilt * (share - whole));
}

/** The same for a share as low as this one, or lower, where the true one is `q` or higher. */
export function logWeightedCdf(strata: readonly Stratum[], q: number): number {
  return logWeightedTail(
    strata.map(({ weight, n, k }) => ({ weight, n, k: n - k })),
    1 - q,
  );
}

/** Beyond it e^-tilt is nothing. */
const largestTilt = 800;
const tiltSteps = 60;
const shareSteps = 60;

/** How much one sample of the group weighs, tilted. */
function tiltOf({ weight, n }: Stratum, tilt: number): number {
  return (tilt * weight) / n;
}

/**
 * Of all shares that add up to `q`, those at which the moment is largest: it is concave in them, and Lagrange's multiplier
 * is found by halves. They add up to no less.
 */
function worstShares(known: readonly Stratum[], q: number, tilt: number): readonly number[] {
  const sharesAt = (multiplier: number): readonly number[] =>
    known.map((group) => {
      const { n, weight } = group;
      const free = (multiplier * n) / weight - 1 / Math.expm1(tiltOf(group, tilt));
      return Math.min(1, Math.max(0, free));
    });
  const sumOf = (shares: readonly number[]): number =>
    shares.reduce((sum, share, index) => sum + share * (known[index] as Stratum).weight, 0);
  let low = 0;
  let high = Math.max(...known.map((group) => ((1 + 1 / Math.expm1(tiltOf(group, tilt))) * group.weight) / group.n));
  for (let step = 0; step < shareSteps && high - low > 1e-15 * high; step += 1) {
    const middle = (low + high) / 2;
    if (sumOf(sharesAt(middle)) < q) low = middle;
    else high = middle;
  }
  return sharesAt(high);
}

/** The logarithm of E[exp(tilt * (share - whole))]: so that nothing grows beyond what a double holds. */
function logMoment(known: readonly Stratum[], shares: readonly number[], tilt: number): number {
  return known.reduce((sum, group, index) => {
    const share = shares[index] as number;
    return sum + group.n * Math.log(share + (1 - share) * Math.exp(-tiltOf(group, tilt)));
  }, 0);
}

function tiltedMean(known: readonly Stratum[], shares: readonly number[], tilt: number): number {
  return known.reduce((sum, group, index) => {
    const share = shares[index] as number;
    return sum + (group.weight * share) / (share + (1 - share) * Math.exp(-tiltOf(group, tilt)));
  }, 0);
}
