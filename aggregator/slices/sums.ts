/** Expected and missing results of each vantage over all slices, kept up to date: adding up all slices anew would be dear. */
import { noSums, type Slice, type Sums } from './slice.ts';

export type SumBook = {
  of(vantage: string): Sums;
  /** What is in the slice now, in place of what was put in of it before. */
  put(vantage: string, slice: Slice, now: Sums): void;
  gone(vantage: string, slice: Slice): void;
};

export function sumBook(): SumBook {
  const sums = new Map<string, Sums>();

  function replace(vantage: string, slice: Slice, now: Sums): void {
    const { expected, missing } = sums.get(vantage) ?? noSums;
    const { summed } = slice;
    sums.set(vantage, {
      expected: expected + now.expected - summed.expected,
      missing: missing + now.missing - summed.missing,
    });
    slice.summed = now;
  }

  return {
    of: (vantage) => sums.get(vantage) ?? noSums,
    put: replace,
    gone: (vantage, slice) => replace(vantage, slice, noSums),
  };
}
