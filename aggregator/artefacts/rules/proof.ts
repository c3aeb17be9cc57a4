/**
 * The exact test of burn rates, as near to it as PromQL comes. Whether so many bad results would be rarer than 1 % is a
 * tail of the binomial distribution, which PromQL has not; what it has are logarithms and roots. Peizer and Pratt's
 * normal approximation (JASA 63, 1968) is made of those, and is so good here that the least number of bad results that
 * fires is another one only where the exact tail lies within 0.0001 of 0.01 (0.0004 where all have to be bad): about one
 * number of samples in three thousand.
 * One bad result is decided exactly, by a bound on how many there are.
 */
import { burnAlpha } from '../../slo/burn.ts';

/** Upper point of the normal distribution at `burnAlpha`. */
const normalPoint = 2.3263478740408408;

/**
 * Two or more bad results that prove anything are further above the mean than this, with half of one taken off: 1.3 is the
 * least (2 of 2 at a limit of 0.1). Nearer to it the approximation divides two numbers that are nearly 0, and what comes out
 * is their rounding, which may be anything.
 */
const leastAbove = 1;

/** The most samples of which a single bad one fires; 0: none. */
export function mostForOne(limit: number): number {
  return Math.floor(Math.log1p(-burnAlpha) / Math.log1p(-limit));
}

/** 1 when so many bad results in the window, or more, would be rarer than 1 % at exactly the limit; else 0. */
export function proofExpr(bad: string, all: string, limit: number): string {
  const p = String(limit);
  const q = String(1 - limit);
  const single = mostForOne(limit);
  const one = single < 1 ? [] : [`or\n(${bad} == 1) * 0 + (${all} <= bool ${single})`];
  const above = `${bad} - 0.5 - ${all} * ${p}`;
  // A deviation, what it is of the distance from the mean, and twice the likelihood ratio.
  return [
    '(',
    `  (${bad} - 1/3 - (${all} + 1/3) * ${p}`,
    `    + 0.02 * (${q} / ${bad} - ${p} / (${all} - ${bad} + 1) + (${q} - 0.5) / (${all} + 1)))`,
    `  / (${above})`,
    `  * sqrt(2 / (1 + 1 / (6 * ${all})) * (`,
    `    (${bad} - 0.5) * ln((${bad} - 0.5) / (${all} * ${p}))`,
    `    + (${all} - ${bad} + 0.5) * ln((${all} - ${bad} + 0.5) / (${all} * ${q}))`,
    '  ))',
    `  >= bool ${normalPoint}`,
    `) and ${above} > ${leastAbove}`,
    ...one,
    `or\n${bad} * 0`,
  ].join('\n');
}

/** The same, computed here. */
export function isProven(bad: number, n: number, limit: number): boolean {
  if (bad <= 1) return bad === 1 && n <= mostForOne(limit);
  const above = bad - 0.5 - n * limit;
  if (above <= leastAbove) return false;
  const q = 1 - limit;
  const good = n - bad + 0.5;
  const deviation = bad - 1 / 3 - (n + 1 / 3) * limit + 0.02 * (q / bad - limit / (n - bad + 1) + (q - 0.5) / (n + 1));
  const ratio = (bad - 0.5) * Math.log((bad - 0.5) / (n * limit)) + good * Math.log(good / (n * q));
  const normal = (deviation / above) * Math.sqrt((2 / (1 + 1 / (6 * n))) * ratio);
  return normal >= normalPoint;
}
