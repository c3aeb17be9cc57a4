import { assumedDriftPpm } from '../../contract/bounds.ts';
import type { Clock } from '../../contract/clock.ts';

/** How far the aggregator's clock is ahead of ours, from pings. */
export type ClockEstimate = {
  /** Four time stamps: sent and received by us (`t1`, `t4`), received and sent by the aggregator. */
  add(stamps: { readonly t1: number; readonly t2: number; readonly t3: number; readonly t4: number }): void;
  /** An instant of the aggregator's clock on ours; `undefined` before the first exchange. */
  toAgentMs(aggregatorMs: number): number | undefined;
  /** What is believed now; `undefined` before the first exchange. */
  readonly offset: ClockOffset | undefined;
};

/** The aggregator's clock minus ours, certain to the error; `atMs`: when it was measured, on our clock. */
export type ClockOffset = { readonly offsetMs: number; readonly errorMs: number; readonly atMs: number };

type Sample = ClockOffset;

const keptSamples = 8;

/** Trusts the narrowest of the last exchanges, each widened with its age; one that contradicts it starts over. */
export function clockEstimate(clock: Clock): ClockEstimate {
  let samples: Sample[] = [];

  function errorNow(sample: Sample): number {
    const ageMs = Math.max(0, clock.nowMs() - sample.atMs);
    return sample.errorMs + ageMs * (assumedDriftPpm / 1_000_000);
  }
  function best(): Sample | undefined {
    return samples.toSorted((a, b) => errorNow(a) - errorNow(b))[0];
  }
  return {
    add({ t1, t2, t3, t4 }) {
      const sample: Sample = {
        offsetMs: (t2 - t1 + (t3 - t4)) / 2,
        errorMs: Math.max(0, t4 - t1 - (t3 - t2)) / 2,
        atMs: t4,
      };
      const trusted = best();
      const contradicts =
        trusted !== undefined && Math.abs(trusted.offsetMs - sample.offsetMs) > errorNow(trusted) + sample.errorMs;
      samples = contradicts ? [sample] : [...samples, sample].slice(-keptSamples);
    },
    toAgentMs(aggregatorMs) {
      const trusted = best();
      return trusted === undefined ? undefined : aggregatorMs - trusted.offsetMs;
    },
    get offset() {
      return best();
    },
  };
}
