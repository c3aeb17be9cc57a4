/** The gamma function by Stirling's series, in the parts that cancel where they must not be added up (Loader 2000). */

const logTwoPi = Math.log(2 * Math.PI);
/** Below this the series is reached by stepping up from x, with ln Γ(x+1) = ln Γ(x) + ln x. */
const seriesFrom = 15;

/** What Stirling's formula lacks: ln Γ(x+1) - ((x + ½) ln x - x + ½ ln 2π), for x > 0. */
export function stirlingError(x: number): number {
  if (x >= seriesFrom) return series(x);
  let logs = 0;
  let up = x;
  while (up < seriesFrom) {
    up += 1;
    logs += Math.log(up);
  }
  return series(up) + (up + 0.5) * Math.log(up) - up - ((x + 0.5) * Math.log(x) - x) - logs;
}

/** The sum of B(2k) / (2k (2k-1) x^(2k-1)), with the Bernoulli numbers B. */
function series(x: number): number {
  const square = x * x;
  const inner = 1 / 1_188 - (691 / 360_360 - 1 / 156 / square) / square;
  return (1 / 12 - (1 / 360 - (1 / 1_260 - (1 / 1_680 - inner / square) / square) / square) / square) / x;
}

/** Log of the gamma function for x > 0. */
export function logGamma(x: number): number {
  return (x - 0.5) * Math.log(x) - x + 0.5 * logTwoPi + stirlingError(x);
}

/** How far `of` is from `mean`: of ln(of/mean) + mean - of, also where the two are nearly the same. */
export function deviance(of: number, mean: number): number {
  if (of === 0) return mean;
  const relative = (of - mean) / (of + mean);
  if (Math.abs(relative) >= 0.1) return of * Math.log(of / mean) + mean - of;
  // ln(of/mean) = 2 artanh(relative), term by term, its first one taken together with mean - of.
  const square = relative * relative;
  let power = 2 * of * relative;
  let sum = (of - mean) * relative;
  for (let odd = 3; odd < 60; odd += 2) {
    power *= square;
    const next = sum + power / odd;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}
