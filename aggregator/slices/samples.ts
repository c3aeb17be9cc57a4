import type { Counts } from './slice.ts';

/** Durations kept one by one, over all slices, within a bound: the oldest go first and leave their histogram. */
export type SampleBook = {
  opened(counts: Counts): void;
  added(): void;
  /** The slice goes; so do its samples. */
  closed(counts: Counts): void;
};

export function sampleBook(maxSamples: number): SampleBook {
  const holding = new Set<Counts>();
  let samples = 0;

  function close(counts: Counts): void {
    samples -= counts.samplesMs?.length ?? 0;
    counts.samplesMs = null;
    holding.delete(counts);
  }

  return {
    opened(counts) {
      if (counts.samplesMs !== null) holding.add(counts);
    },
    added() {
      samples += 1;
      while (samples > maxSamples) {
        const [oldest] = holding;
        if (oldest === undefined) return;
        close(oldest);
      }
    },
    closed: close,
  };
}
