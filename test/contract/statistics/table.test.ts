import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  binomialCdf,
  binomialTail,
  logGamma,
  normalCdf,
  normalQuantile,
  quantileRanks,
  ratioInterval,
  studentCdf,
  studentQuantile,
} from '../../../contract/statistics.ts';

/** Made by table.py beside it. */
const tables = JSON.parse(readFileSync(join(import.meta.dirname, 'table.json'), 'utf8')) as Record<
  string,
  readonly (readonly number[])[]
>;

const ours: Readonly<Record<string, (...row: readonly number[]) => readonly number[]>> = {
  interval: (k = 0, n = 0, alpha = 0) => ratioInterval(k, n, alpha),
  tails: (k = 0, n = 0, p = 0) => [binomialCdf(k, n, p), binomialTail(k, n, p)],
  fractional: (k = 0, n = 0, alpha = 0) => ratioInterval(k, n, alpha),
  normal: (z = 0) => [normalCdf(z)],
  normalQuantile: (p = 0) => [normalQuantile(p)],
  student: (t = 0, freedom = 0) => [studentCdf(t, freedom)],
  studentQuantile: (p = 0, freedom = 0) => [studentQuantile(p, freedom)],
  logGamma: (x = 0) => [logGamma(x)],
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
