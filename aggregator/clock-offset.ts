/**
 * How far the aggregator's clock is ahead of an agent's, from four time stamps over the link: always as bounds. An
 * exchange proves `t1 - t2 <= offset <= t4 - t3`; the proofs are intersected, and widened with age by what clocks may
 * drift. Where they contradict each other the clock was stepped or the machine suspended: start over, and say so.
 */
import { around, assumedDriftPpm, type Bounds, overlap, widthMs } from '../contract/bounds.ts';

/** `t1` and `t4` on the aggregator's clock, `t2` and `t3` on the agent's. */
export type Exchange = { readonly t1: number; readonly t2: number; readonly t3: number; readonly t4: number };

export type ClockOffset = {
  /** Aggregator's clock minus the agent's, as of `atMs`. */
  readonly bounds: Bounds;
  /** On the aggregator's clock. */
  readonly atMs: number;
  /** Times that an exchange contradicted the ones before. */
  readonly restarts: number;
};

/** Milliseconds since the epoch have a resolution of 0.0003 ms as a number; four of them are added up. */
const roundingMs = 0.001;

/** Nothing is known but that both clocks are set at all: within an hour of each other. */
const unknown: Bounds = around(0, 3_600_000);

/** `undefined` when the stamps contradict themselves: the answer cannot have come before the question. */
export function boundsOf(exchange: Exchange): Bounds | undefined {
  const { t1, t2, t3, t4 } = exchange;
  if (!(t4 >= t1 && t3 >= t2)) return undefined;
  const slackMs = roundingMs + (t4 - t1) * (assumedDriftPpm / 1_000_000);
  const bounds = { lowerMs: t1 - t2 - slackMs, upperMs: t4 - t3 + slackMs };
  return bounds.lowerMs <= bounds.upperMs ? bounds : undefined;
}

export function withExchange(known: ClockOffset | null, exchange: Exchange): ClockOffset | null {
  const fresh = boundsOf(exchange);
  if (fresh === undefined) return known;
  if (known === null) return { bounds: fresh, atMs: exchange.t4, restarts: 0 };
  const both = overlap(aged(known, exchange.t4), fresh);
  return both === undefined
    ? { bounds: fresh, atMs: exchange.t4, restarts: known.restarts + 1 }
    : { bounds: both, atMs: exchange.t4, restarts: known.restarts };
}

/** The bounds at another moment of the aggregator's clock, before or after the exchange. */
export function aged(known: ClockOffset, atMs: number): Bounds {
  const slackMs = Math.abs(atMs - known.atMs) * (assumedDriftPpm / 1_000_000);
  return { lowerMs: known.bounds.lowerMs - slackMs, upperMs: known.bounds.upperMs + slackMs };
}

/** The bounds for what happened at `agentMs` on the agent's clock. */
export function offsetAt(known: ClockOffset | null, agentMs: number): Bounds {
  return known === null ? unknown : aged(known, agentMs + middleMs(known.bounds));
}

export function middleMs(bounds: Bounds): number {
  return (bounds.lowerMs + bounds.upperMs) / 2;
}

export function errorMs(bounds: Bounds): number {
  return widthMs(bounds) / 2;
}
