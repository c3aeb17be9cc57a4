/** What good is over a window. */
export type Objective = {
  readonly id: string;
  /** The name of the check whose results count (several checks may share it). */
  readonly check: string;
  /** Only results that asked this region; `null` for all. */
  readonly region: string | null;
  /** `own`: only from vantages in that region. `all`: from everywhere. */
  readonly from: 'own' | 'all';
  readonly indicator: Indicator;
  readonly windowMs: number;
  /**
   * Whether what drills break is charged to the error budget that the guard of drills reads. `apart`: it is not, so
   * drills don't spend the budget that guards them. Verdicts count all the same. Absent: `charged`.
   */
  readonly drills?: 'charged' | 'apart';
};

export type Indicator =
  /** good / (good + bad), at least `target` (a ratio). */
  | { readonly kind: 'availability'; readonly target: number }
  /** The quantile (0 to 1) of the durations of good results, at most `targetMs`. */
  | { readonly kind: 'latency'; readonly quantile: number; readonly targetMs: number };

/** Where a service's own metrics are, and which of them are kept. */
export type MetricsSource = { readonly region: string; readonly url: string; readonly keep: readonly string[] };
