/** `inconclusive` is not a soft pass. */
export type Status = 'pass' | 'fail' | 'inconclusive';

/** An objective, judged. */
export type Verdict = {
  readonly id: string;
  readonly status: Status;
  /** One sentence that has the numbers in it. */
  readonly because: string;
  /** Ratio for availability, milliseconds for latency; `null` without samples, and of a quantile that is a failure. */
  readonly measured: number | null;
  readonly target: number;
  /** Samples used. */
  readonly n: number;
  /**
   * What `measured` may truly be, at the confidence that `because` names; `null` with too few samples, and of a quantile
   * that may be a failure, which is slower than any number: `because` has the bounds.
   */
  readonly interval: readonly [number, number] | null;
  /** How many more samples would decide, if they go on like these; `null` when it is decided. */
  readonly needed: number | null;
  /** Samples that were expected and are not there. */
  readonly missing: number;
  /** What they could change; absent when none are missing, and for quantiles. */
  readonly could?: Could;
  /** Of a quantile over several regions: the one that is worst by itself. */
  readonly worst?: WorstRegion;
  /** Why a pass is not to be built on: most of it did not come, or nobody measures it any more. Absent: nothing is known. */
  readonly doubt?: string | null;
  /** It is inconclusive, and of the vantages that should contribute too few do to vouch for anything else. */
  readonly unvouched?: { readonly known: number; readonly healthy: number };
  /** As of when, epoch milliseconds on the aggregator's clock. */
  readonly at: number;
  /** Nobody is waited for any more: what had not come is counted as missing. An agent that was cut off may still bring it. */
  readonly final: boolean;
};

/** If all that is missing had been bad, and if it had been good. */
export type Could = { readonly worst: Possible; readonly best: Possible };
type Possible = { readonly measured: number; readonly status: Status };

/** Judged by its own samples, against the same target. */
export type WorstRegion = {
  readonly region: string;
  readonly status: Status;
  /** Milliseconds, as the interval's bounds; `null` where its quantile is a failure. */
  readonly measured: number | null;
  /** `null` with too few samples, and where a bound is a failure. */
  readonly interval: readonly [number, number] | null;
  readonly n: number;
};

/** A criterion of a design and what a run found. WORLDS gives the ids. */
export type Row = {
  readonly id: string;
  readonly status: Status;
  readonly expected: Status;
  readonly because: string;
  readonly measured: Measured | null;
  readonly limit: string;
  /** Drill ids, check ids, objective ids: where to look. */
  readonly evidence: readonly string[];
};

export type Measured = {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly unit: string;
};

/** The worst of several. Of none nothing is known, nor of what is no status at all: `inconclusive`. */
export function worst(statuses: readonly Status[]): Status {
  if (statuses.includes('fail')) return 'fail';
  return statuses.length > 0 && statuses.every((status) => status === 'pass') ? 'pass' : 'inconclusive';
}
