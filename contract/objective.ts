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
  /** With a `calendar`, the longest that its period can be. */
  readonly windowMs: number;
  /** Absent: the window rolls. Else it is the period of this calendar that a moment lies in, from its start. */
  readonly calendar?: Calendar;
  /** Absent: by occurrences, every result counts. Else by time: a slice of the window is good or bad as a whole. */
  readonly timeSlices?: TimeSlices;
  /**
   * Results that are expected and not there: left out (absent, `exclude`), `bad`, or held to be what most of their own
   * slice were, or of the last one before it that has any (`hold`). Verdicts show what they could change all the same.
   */
  readonly missing?: MissingPolicy;
  /**
   * The longest that one outage is assumed to last: so long, all results count as one for the interval. Absent: as the
   * slices show, which cannot know of an outage that has not come yet.
   */
  readonly burstMs?: number;
  /** Left out, whatever happened in them. They may overlap: what any of them covers is left out, once. */
  readonly exclusions?: readonly Exclusion[];
  /**
   * What drills break. `apart`: it is charged to a line of its own, so drills don't spend the budget that guards them;
   * verdicts count it all the same. `excluded`: verdicts leave it out too. Absent: `charged`.
   */
  readonly drills?: 'charged' | 'apart' | 'excluded';
  /** Of a quantile over several regions, how they are put together. Absent: pooled, every result counts the same. */
  readonly weighting?: Weighting;
};

/** How much each region counts for, whatever it is probed: `equal`, or by its share of the traffic. */
export type Weighting = {
  readonly by: 'equal' | 'traffic';
  /** Of each region that is asked; over 0, and in proportion. */
  readonly weights: { readonly [region: string]: number };
};

export type Indicator = RatioIndicator | QuantileIndicator;

/** A share of something, at least `target` (a ratio over 0 and under 1). */
export type RatioIndicator =
  /** good / (good + bad). */
  | { readonly kind: 'availability'; readonly target: number }
  /** Results that are good and took at most `limitMs`, of all. */
  | { readonly kind: 'latency-under'; readonly limitMs: number; readonly target: number }
  /** Answers that kept the rule, of those that kept it or broke it; an attempt without such an answer is missing. */
  | { readonly kind: 'residency'; readonly target: number }
  /** The share of time in which the newest good result was at most `limitMs` old. */
  | { readonly kind: 'freshness'; readonly limitMs: number; readonly target: number }
  /** Drills whose failover took at most `limitMs`, of all. */
  | { readonly kind: 'failover'; readonly limitMs: number; readonly target: number };

/** The quantile (0 to 1) of what good results measured, at most `targetMs`. */
export type QuantileIndicator =
  /** How long they took. */
  | { readonly kind: 'latency'; readonly quantile: number; readonly targetMs: number }
  /** The same, of checks that write in one place and read in another until it is there. */
  | { readonly kind: 'replication-lag'; readonly quantile: number; readonly targetMs: number };

export type MissingPolicy = 'exclude' | 'bad' | 'hold';

/** `every` period begins at midnight in that IANA time zone; weeks on Mondays. */
export type Calendar = {
  readonly every: 'day' | 'week' | 'month' | 'quarter' | 'year';
  readonly timeZone: string;
};

/** A slice of time is good when at least `target` (a ratio) of its results are. */
export type TimeSlices = { readonly sliceMs: number; readonly target: number };

export type Exclusion = { readonly fromMs: number; readonly toMs: number; readonly because: string };

/** Where a service's own metrics are, and which of them are kept. */
export type MetricsSource = { readonly region: string; readonly url: string; readonly keep: readonly string[] };
