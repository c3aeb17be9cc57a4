/** The aggregator's HTTP answers, as its clients read them. Paths and names are fixed by INTERFACES. */
import type { Bounds } from './bounds.ts';
import type { Check } from './check.ts';
import type { DrillReport } from './drill.ts';
import type { Indicator } from './objective.ts';
import type { Blame, Outcome, Result } from './result.ts';
import type { Schedules } from './schedule.ts';
import type { Verdict } from './verdict.ts';

export type FleetAgent = {
  readonly agent: string;
  readonly vantage: string;
  readonly region: string;
  readonly boot: string;
  readonly version: string;
  readonly connected: boolean;
  readonly lastSeenMs: number;
  /** Aggregator's clock minus agent's, and how far off that may be; `null` before the first exchange. */
  readonly clock: { readonly offsetMs: number; readonly errorMs: number } | null;
  readonly expected: number;
  readonly missing: number;
  /** It is at another aggregator, and was here before. */
  readonly elsewhere?: true;
  /** Whose answer this is, where several were asked. */
  readonly aggregator?: string;
};
export type FleetAnswer = {
  readonly agents: readonly FleetAgent[];
  /** Why agents of other aggregators are not among them. */
  readonly trouble?: string;
};

/** Samples of an objective in a stretch of time. Slices grow wider with age. */
export type ObjectiveSlice = {
  readonly atMs: number;
  readonly widthMs: number;
  readonly good: number;
  readonly bad: number;
  readonly missing: number;
};
/** What an objective's error budget allows, and where it goes. */
export type Spending = {
  /** Everything may fail for so long in the window. */
  readonly allowedMs: number;
  /** Of the whole budget, 1 being all of it. What the window has yet to measure is taken for good. */
  readonly spent: number;
  /** What drills spent: in `spent` where they are charged to it, on a line of its own otherwise. */
  readonly spentByDrills: number;
  /** May be below 0. */
  readonly left: number;
  /** When the rest is gone at the rate of the last hour, and at the bounds of its 95 % interval; `null`: never. */
  readonly exhaustedIn: { readonly atThisRateMs: number | null; readonly betweenMs: readonly [number, number | null] };
  /** One for each pair of windows that the objective's own is long enough for. */
  readonly burns: readonly BurnAnswer[];
};

export type BurnAnswer = {
  readonly severity: 'page' | 'ticket';
  readonly longMs: number;
  readonly shortMs: number;
  /** How many times faster than would just spend the budget by the end of the window. */
  readonly factor: number;
  /** `unknown`: the short window has no samples. */
  readonly state: 'firing' | 'quiet' | 'unknown';
  /** Times the rate that just spends the budget; `null` without samples. */
  readonly long: number | null;
  readonly short: number | null;
  /** How likely so many bad results in the long window, or more, would be at exactly the factor. */
  readonly chance: number;
};

/**
 * `GET /api/v1/verdicts/{id}`: the verdict, the slices of its window that it was made from, oldest first, and its error
 * budget; `null` of an objective that has none.
 */
export type ObjectiveAnswer = Verdict & {
  readonly slices: readonly ObjectiveSlice[];
  readonly budget?: Spending | null;
};

/** All of that answer. `?since=` asks it of another window, `?target=` of another target. */
export type ExplainedAnswer = ObjectiveAnswer & {
  /** What it looked at, up to `at`. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly indicator: Indicator['kind'];
  /** The end of the newest slice that has results that came, at most `at`; `null` of none. */
  readonly newestMs: number | null;
  /** How often its checks are made, the slowest of them; `null` when none is assigned. */
  readonly everyMs: number | null;
  /** Why a pass is not to be built on: no result comes any more, or most did not. `null`: nothing speaks against it. */
  readonly doubt: string | null;
};

export type VerdictsAnswer = { readonly verdicts: readonly ListedVerdict[] };
export type ListedVerdict = Verdict & { readonly indicator?: Indicator['kind'] };

export type QuorumCheck = {
  readonly check: string;
  /** The newest one that was judged. */
  readonly round?: number;
  readonly matrix: { readonly [vantage: string]: { readonly [region: string]: Outcome } };
  /** `null` when nothing is wrong; `inconclusive` when something is and the evidence names nobody. */
  readonly blame: Blame | 'inconclusive' | null;
  readonly evidence: readonly string[];
  /** So many vantages had to agree on whom to blame, of `n` healthy ones. */
  readonly k: number;
  readonly n: number;
};
export type QuorumAnswer = {
  readonly round: number;
  readonly checks: readonly QuorumCheck[];
  /** Vantages that were left out as broken, newest first, since this process began. */
  readonly leftOut?: readonly LeftOut[];
};

/** From when on results of the vantage are missing, not bad, and until when; `null`: it is not back yet. */
export type LeftOut = {
  readonly vantage: string;
  readonly because: string;
  readonly fromMs: number;
  readonly toMs: number | null;
};

/** A result as stored: on the agent's timeline, with what leads from there to the aggregator's. */
export type StoredResult = Omit<Result, 'check'> & {
  /** Ever growing over all agents, in the order of commit: the cursor of `since` and `next`. */
  readonly id: number;
  /** The check's name; `checkId` is the id in the assignment. */
  readonly check: string;
  readonly checkId: string;
  readonly entry: string | null;
  readonly agent: string;
  readonly boot: string;
  readonly vantage: string;
  /** Aggregator's clock minus agent's when the result was made. */
  readonly offset: Bounds;
  /** `startMs` on the aggregator's clock, the middle of its bounds. */
  readonly atMs: number;
};
/** Newest first. `next` is the `before` of the next page; `null` on the last. */
export type ResultsAnswer = { readonly results: readonly StoredResult[]; readonly next: number | null };

/** `GET /api/v1/clock?t1=`: four time stamps over HTTP, for a runner. All in milliseconds since the epoch. */
export type ClockAnswer = { readonly t1: number; readonly t2: number; readonly t3: number };

/** `GET /api/v1/schedules`: as `drill serve` announced them, by `POST /api/v1/schedules` of a `Schedules`. */
export type SchedulesAnswer = { readonly scenarios: readonly Schedules[] };

export type DrillsAnswer = { readonly drills: readonly DrillReport[] };

/** `POST /api/v1/bursts`. Asking again under the same id replaces the burst; `untilMs` in the past ends it. */
export type BurstRequest = {
  readonly id: string;
  readonly checks: readonly Check[];
  /** 100 to 500. */
  readonly everyMs: number;
  /** On the aggregator's clock; at most an hour ahead. */
  readonly untilMs: number;
  /** Each http check also over a kept connection, told apart. */
  readonly pooled: boolean;
};

/** `POST /api/v1/annotations`. */
export type Annotation = { readonly atMs: number; readonly text: string; readonly drill: string | null };

/** What `WS /api/v1/stream?types=result,verdict,drill` sends, a JSON text frame each. */
export type StreamEvent =
  | { readonly type: 'result'; readonly result: StoredResult }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'drill'; readonly drill: DrillReport }
  /** The reader was too slow: this many events were left out. Ask `/api/v1/results` for them. */
  | { readonly type: 'lost'; readonly count: number };

export type ApiError = { readonly error: { readonly code: string; readonly message: string; readonly hint: string } };
