/** The agent link's frames, as values. INTERFACES fixes their text. */
import type { Assignment, Check } from '../check.ts';
import type { MissingReason, Result } from '../result.ts';
import type { Columns } from './columns.ts';

export const wireVersion = 1;
export const maxFrameBytes = 1_048_576;
/** Most results in one frame: with ordinary details well below `maxFrameBytes`. */
export const maxResultsPerFrame = 500;

/** Of one hold; an agent forgets the oldest moves. */
export const maxSpans = 64;

export const closeCodes = {
  goingAway: 1001,
  tooLarge: 1009,
  overloaded: 1013,
  garbled: 4400,
  notAllowed: 4401,
  duplicate: 4409,
  version: 4426,
} as const;

export type Hello = {
  readonly type: 'hello';
  readonly agent: string;
  readonly vantage: string;
  readonly region: string;
  readonly boot: string;
  readonly version: string;
};
export type Welcome = {
  readonly type: 'welcome';
  readonly ackedSeq: number;
  readonly assignment: Assignment;
  readonly pingEveryMs: number;
};
export type ResultsFrame = {
  readonly type: 'results';
  readonly boot: string;
  readonly fromSeq: number;
  readonly results: readonly Result[];
  /** The same results, of a frame that came over the link: there `results` are made when somebody asks for them. */
  readonly columns?: Columns;
};
export type Gap = {
  readonly type: 'gap';
  readonly boot: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: MissingReason;
};
export type Ack = { readonly type: 'ack'; readonly boot: string; readonly seq: number };
export type Mark = {
  readonly type: 'mark';
  readonly boot: string;
  readonly seq: number;
  readonly roundsThroughMs: number;
};
/** A stretch of an agent's timeline: rounds that start at `fromMs` or later and before `toMs`; `null`: open. */
export type Span = readonly [fromMs: number, toMs: number | null];
/**
 * Which rounds this aggregator has to expect of an agent that knows several aggregators. It speaks of everything from
 * `knownFromMs` on; what the aggregator knows of the time before it stays.
 */
export type Hold = {
  readonly type: 'hold';
  readonly boot: string;
  readonly knownFromMs: number;
  /** In the order of time. */
  readonly spans: readonly Span[];
};
/** The asker puts its own time in `t1`; the answerer gives `t1` back with `t2` (received) and `t3` (sent). */
export type Ping = { readonly type: 'ping'; readonly t1: number };
export type Pong = { readonly type: 'pong'; readonly t1: number; readonly t2: number; readonly t3: number };
export type Assign = { readonly type: 'assign'; readonly version: number; readonly assignment: Assignment };
/** `untilMs` is on the aggregator's clock: an agent converts it by its own estimate, or ends the burst after `forMs`. */
export type Burst = {
  readonly type: 'burst';
  readonly id: string;
  readonly checks: readonly Check[];
  readonly everyMs: number;
  readonly untilMs: number;
  readonly forMs: number;
  readonly pooled: boolean;
};

export type FromAgent = Hello | ResultsFrame | Gap | Mark | Hold | Ping | Pong;
export type FromAggregator = Welcome | Ack | Ping | Pong | Assign | Burst;

export type Parsed<F> =
  | { readonly ok: true; readonly frame: F }
  /** `code` is the code to close the connection with. */
  | { readonly ok: false; readonly code: number; readonly reason: string };
