/**
 * The regularised incomplete beta function and its inverse, for shapes from far below 1 up to 10^9. Everything exact
 * here rests on it. A tail is computed as such, never as one minus the other, so that it keeps its relative precision.
 */

import { deviance, stirlingError } from './gamma.ts';
import { quadrature } from './gauss.ts';

export type Tails = {
  /** P(B <= x). */
  readonly lower: number;
  /** P(B > x). */
  readonly upper: number;
};

/** With both shapes beyond this the tail is integrated in constant time; below, the continued fraction is as quick. */
const integrateFrom = 3_000;

/** The tails of Beta(a, b) at x, with a, b > 0. */
export function betaTails(x: number, a: number, b: number): Tails {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x >= 1) return { lower: 1, upper: 0 };
  if (x < (a + 1) / (a + b + 2)) {
    const lower = lesserTail([x, 1 - x], a, b);
    return { lower, upper: 1 - lower };
  }
  const upper = lesserTail([1 - x, x], b, a);
  return { lower: 1 - upper, upper };
}

/** The regularised incomplete beta function I_x(a, b). */
export function incompleteBeta(x: number, a: number, b: number): number {
  return betaTails(x, a, b).lower;
}

/** x and 1 - x, each as precise as it is known: near 1 a double has lost how far from it. */
type Shares = readonly [x: number, y: number];

function lesserTail(shares: Shares, a: number, b: number): number {
  const front = betaFront(shares, a, b);
  if (front === 0) return 0;
  const [x, y] = shares;
  return Math.min(a, b) > integrateFrom ? (front * integral(shares, a, b)) / (x * y) : front / fraction(shares, a, b);
}

/** x^a (1-x)^b / B(a, b), by deviances: the terms of the plain formula are as large as a ln a and cancel. */
function betaFront([x, y]: Shares, a: number, b: number): number {
  const n = a + b;
  const error = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const exponent = error - deviance(a, n * x) - deviance(b, n * y);
  return Math.sqrt(((a / n) * b) / (2 * Math.PI)) * Math.exp(exponent);
}

/**
 * The continued fraction of the incomplete beta function in the contracted form of DiDonato and Morris (1992), evaluated
 * from the front (Lentz's method). It sees x only through its distance from the mean, which is taken from the lesser of
 * the two shares.
 */
function fraction([x, y]: Shares, a: number, b: number): number {
  const below = x <= y ? a - (a + b) * x : (a + b) * y - b;
  const term = (m: number): number =>
    m + (m * (b - m) * x) / (a + 2 * m - 1) + ((a + m) * (below + 1 + m * (1 + y))) / (a + 2 * m + 1);
  let result = notZero((a * (below + 1)) / (a + 1));
  let c = result;
  let d = 0;
  for (let m = 1; m <= maxTerms; m += 1) {
    const over = a + 2 * m - 1;
    const above = ((((a + m - 1) / over) * (a + b + m - 1)) / over) * m * (b - m) * x * x;
    const next = term(m);
    d = 1 / notZero(next + above * d);
    c = notZero(next + above / c);
    result *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return result;
}

/** Far more than the shapes below `integrateFrom` take. */
const maxTerms = 10_000;

function notZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/** How many times e the integrand falls before the rest no longer counts. */
const fallsBy = 75;

/** The density from x down to 0, over the density at x. It is log-concave, so few points do. */
function integral([x, y]: Shares, a: number, b: number): number {
  const slope = (a - 1) / x - (b - 1) / y;
  const bend = (a - 1) / x ** 2 + (b - 1) / y ** 2;
  const reach = Math.min(x, (Math.sqrt(slope * slope + 2 * bend * fallsBy) - slope) / bend);
  const at = (s: number): number => Math.exp((a - 1) * Math.log1p(-s / x) + (b - 1) * Math.log1p(s / y));
  return quadrature(at, 0, reach / 6) + quadrature(at, reach / 6, reach / 2) + quadrature(at, reach / 2, reach);
}

/** The x at which a tail of Beta(a, b) is `share`, 0 < share < 1. */
export function betaQuantile(tail: keyof Tails, share: number, a: number, b: number): number {
  // Small solutions are sought by their logarithm; a large one is that of the mirrored function.
  const half = betaTails(0.5, a, b)[tail];
  const isAbove = tail === 'lower' ? half < share : half > share;
  if (isAbove) return 1 - search(tail === 'lower' ? 'upper' : 'lower', share, b, a);
  return search(tail, share, a, b);
}

/**
 * Newton's method on the logarithms of the tail and of x, which bends little; by halves where a step leaves what is
 * known to hold the solution.
 */
function search(tail: keyof Tails, share: number, a: number, b: number): number {
  const sign = tail === 'lower' ? 1 : -1;
  const wanted = Math.log(share);
  let low = Math.log(Number.MIN_VALUE);
  let high = Math.log(0.5);
  let u = Math.min(high, guess(sign === 1 ? share : 1 - share, a, b));
  for (let step = 0; step < 200 && high - low > 1e-16 * Math.abs(low); step += 1) {
    const x = Math.exp(u);
    const value = betaTails(x, a, b)[tail];
    const off = Math.log(value) - wanted;
    if (off === 0) break;
    if (off * sign < 0) low = u;
    else high = u;
    const slope = (sign * betaFront([x, 1 - x], a, b)) / ((1 - x) * value);
    const next = u - off / slope;
    const inside = next > low && next < high;
    const moved = inside ? next : (low + high) / 2;
    // A step this small squares to nothing: the method doubles its digits with each.
    if (inside && Math.abs(moved - u) < 1e-8) return Math.exp(moved);
    u = moved;
  }
  return Math.exp(u);
}

/** Log of a first guess: the mean and spread of a logarithm, or the power law that holds near 0. */
function guess(lower: number, a: number, b: number): number {
  const mean = Math.log(a / (a + b));
  if (a < 1) return Math.max(-700, Math.min(Math.log(0.5), mean + Math.log(lower) / a));
  const spread = Math.sqrt(b / (a * (a + b)));
  const away = Math.sqrt(-2 * Math.log(Math.min(lower, 1 - lower)));
  return mean + (lower < 0.5 ? -away : away * 0.85) * spread;
}
