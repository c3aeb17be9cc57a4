import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  betaQuantile,
  betaTails,
  binomialCdf,
  binomialTail,
  crowdingOf,
  deviance,
  incompleteBeta,
  logGamma,
  meanInterval,
  normalCdf,
  normalQuantile,
  quantile,
  quantileRanks,
  quantileSamplesNeeded,
  ratioAtLeast,
  ratioAtMost,
  ratioInterval,
  ratioIntervalInBursts,
  ratioSamplesNeeded,
  sideOf,
  studentCdf,
  studentQuantile,
} from '../../../contract/statistics.ts';

/** Made by table.py beside it. */
const tables = JSON.parse(readFileSync(join(import.meta.dirname, 'table.json'), 'utf8')) as Record<
  string,
  readonly (readonly number[])[]
>;

function rowsOf(name: string): readonly (readonly number[])[] {
  const rows = tables[name] ?? [];
  expect(rows.length).toBeGreaterThan(3);
  return rows;
}

const ours: Readonly<Record<string, (...row: readonly number[]) => readonly number[]>> = {
  interval: (k = 0, n = 0, alpha = 0) => ratioInterval(k, n, alpha),
  tails: (k = 0, n = 0, p = 0) => [binomialCdf(k, n, p), binomialTail(k, n, p)],
  fractional: (k = 0, n = 0, alpha = 0) => ratioInterval(k, n, alpha),
  normal: (z = 0) => [normalCdf(z)],
  normalQuantile: (p = 0) => [normalQuantile(p)],
  student: (t = 0, freedom = 0) => [studentCdf(t, freedom)],
  studentQuantile: (p = 0, freedom = 0) => [studentQuantile(p, freedom)],
  logGamma: (x = 0) => [logGamma(x)],
  beta: (x = 0, a = 0, b = 0) => [betaTails(x, a, b).lower, betaTails(x, a, b).upper],
  betaQuantile: (share = 0, a = 0, b = 0) => [betaQuantile('lower', share, a, b), betaQuantile('upper', share, a, b)],
  oneSided: (k = 0, n = 0, alpha = 0) => [ratioAtLeast(k, n, alpha), ratioAtMost(k, n, alpha)],
  deviance: (of = 0, mean = 0) => [deviance(of, mean)],
};

test.each(Object.entries(ours))("%s agrees with SciPy's to 1e-9 of the value, on every row", (name, of) => {
  const rows = tables[name] ?? [];
  expect(rows.length).toBeGreaterThan(10);
  const wrong = rows.flatMap((row) => {
    const found = of(...row);
    const wanted = row.slice(-found.length);
    return found.flatMap((value, index) => {
      const want = wanted[index] ?? Number.NaN;
      // ln Γ is 0 at 1 and 2; below 1e-290 a double is not held in full.
      const slack = want === 0 ? 1e-13 : Math.max(1e-290, 1e-9 * Math.abs(want));
      return Math.abs(value - want) <= slack ? [] : [{ row, value, want }];
    });
  });
  expect(wrong).toEqual([]);
});

test("how failures crowd agrees with SciPy's chi-squared to 1e-9", () => {
  for (const row of rowsOf('crowding')) {
    const blocks = row.slice(0, -1).flatMap((good, index) => (index % 2 === 0 ? [[good, row[index + 1] ?? 0]] : []));
    const sum = (of: (good: number, bad: number) => number): number =>
      blocks.reduce((total, [good = 0, bad = 0]) => total + of(good, bad), 0);
    const found = crowdingOf({
      good: sum((good) => good),
      bad: sum((_, bad) => bad),
      blocks: blocks.length,
      squares: sum((good, bad) => bad ** 2 / (good + bad)),
    });
    expect(Math.abs(found / (row.at(-1) ?? 0) - 1)).toBeLessThan(1e-9);
  }
});

test("the interval of a mean agrees with SciPy's to 1e-9", () => {
  for (const [alpha = 0, ...row] of rowsOf('mean')) {
    const found = meanInterval(row.slice(0, -2), alpha) ?? [0, 0];
    for (const [index, want] of row.slice(-2).entries())
      expect(Math.abs((found[index] ?? 0) / want - 1)).toBeLessThan(1e-9);
  }
});

test("quantiles of samples, and how many samples those need, are SciPy's and NumPy's", () => {
  for (const [q = 0, ...row] of rowsOf('quantiles')) expect(quantile(row.slice(0, -1), q)).toBe(row.at(-1));
  for (const [q = 0, alpha = 0, n] of rowsOf('quantileSamples')) expect(quantileSamplesNeeded(q, alpha)).toBe(n);
});

test("the samples that would decide are those of SciPy's tails, on every row", () => {
  for (const row of rowsOf('needed')) {
    const [good = 0, n = 0, target = 0, designEffect = 1, alpha = 0, needed] = row;
    const question = { good, n, target, designEffect, alpha };
    expect(sideOf(question)).toBe('both');
    expect([...row.slice(0, -1), ratioSamplesNeeded(question)]).toEqual([...row.slice(0, -1), needed]);
  }
});

test('with bursts it is the interval of fewer samples, and a side is where the interval lies', () => {
  for (const [k = 0, n = 0, alpha = 0, lower = 0, upper = 0] of rowsOf('interval')) {
    const [low, high] = ratioIntervalInBursts(5 * k, 5 * n, 5, alpha);
    expect(Math.max(Math.abs(low - lower), Math.abs(high - upper))).toBeLessThan(1e-9);
    const side = (target: number) => sideOf({ good: k, n, target, designEffect: 1, alpha });
    if (lower > 0) expect([side(lower * (1 - 1e-6)), side(lower + (upper - lower) / 2)]).toEqual(['above', 'both']);
    if (1 - upper > 1e-6) expect(side(upper + (1 - upper) / 2)).toBe('below');
  }
});

test('the incomplete beta function is its lower tail', () => {
  for (const [x = 0, a = 0, b = 0, lower] of rowsOf('beta').slice(0, 50))
    expect(incompleteBeta(x, a, b)).toBeCloseTo(lower ?? 0, 12);
});

/** At nothing, at everything and at one off either; from one sample to 10^9. */
test('the table has the cases at the edge', () => {
  for (const name of ['interval', 'oneSided']) {
    const has = (k: number, n: number): boolean => rowsOf(name).some((row) => row[0] === k && row[1] === n);
    for (const n of [1, 2, 60, 43_200, 1e9])
      expect([has(0, n), has(1, n), has(n - 1, n), has(n, n)]).toEqual(Array(4).fill(true));
  }
});

/** Exact ones; what is not exact has tests of its own. */
const exact = ['beta', 'binomial', 'bursts', 'gamma', 'needed', 'normal', 'quantile'];

test('every function of the exact statistics is compared here or has tests of its own beside this one', async () => {
  const modules = await Promise.all(exact.map((name) => import(`../../../contract/statistics/${name}.ts`)));
  const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
  const text = tests.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
  // What Stirling's formula lacks is in logGamma; the search for a number of samples in those that are needed.
  const parts = ['stirlingError', 'samplesNeeded', 'maxNeeded'];
  const functions = modules.flatMap((module: object) => Object.keys(module)).filter((name) => !parts.includes(name));
  expect(functions.filter((name) => !text.includes(`${name}(`))).toEqual([]);
});

test("the ranks that contain a quantile are SciPy's, on every row", () => {
  const rows = (tables['ranks'] ?? []) as unknown as readonly [number, number, number, number | null, number | null][];
  expect(rows.length).toBeGreaterThan(100);
  for (const [n, q, alpha, lower, upper] of rows) {
    expect([n, q, alpha, quantileRanks(n, q, alpha)]).toEqual([
      n,
      q,
      alpha,
      lower === null ? undefined : [lower, upper],
    ]);
  }
});
