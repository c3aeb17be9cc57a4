import type { MissingReason } from '../../contract/result.ts';
import { fromNumbers, type Histogram } from './histogram.ts';
import type { Counts } from './slice.ts';

/** Where the numbers of a histogram are: sum, those of zero, and each bucket with its count. */
type Numbers = { readonly all: Float64Array; readonly from: number; readonly length: number };

/**
 * Counts as they were kept. Of a month of slices few are ever looked into: what takes room is made when somebody does.
 * A class, because hundreds of thousands share its accessors.
 */
export class StoredCounts implements Counts {
  good: number;
  bad: number;
  leaks?: number;
  samplesMs: number[] | null = null;
  #missing: string | Map<MissingReason, number>;
  #durations: Numbers | Histogram;

  constructor(good: number, bad: number, missing: string, durations: Numbers) {
    this.good = good;
    this.bad = bad;
    this.#missing = missing;
    this.#durations = durations;
  }

  get missing(): Map<MissingReason, number> {
    if (typeof this.#missing === 'string') {
      this.#missing = new Map(Object.entries(JSON.parse(this.#missing)) as [MissingReason, number][]);
    }
    return this.#missing;
  }

  get durations(): Histogram {
    if ('all' in this.#durations) {
      const { all, from, length } = this.#durations;
      this.#durations = fromNumbers(all.subarray(from, from + length));
    }
    return this.#durations;
  }
}
