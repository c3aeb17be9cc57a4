/**
 * Looking at a verdict until it decides, or time is up. The window begins where it began at the first look, and grows.
 *
 * Whoever looks often enough sees chance pass for proof. So a pass counts at looks that were set beforehand alone: the
 * first; then when as many samples have come as the look before said would decide; and the last. A fail counts at once:
 * to stop for nothing is the safe side.
 */
import { Trouble } from '../../chaos/trouble.ts';
import type { ExplainedAnswer } from '../../contract/api.ts';
import { type Clock, sleep } from '../../contract/clock.ts';
import { sliceWidthMs } from '../../contract/slo/spans.ts';
import { formatMs } from '../../contract/units.ts';
import { type Asking, momentMs, type Query } from './ask.ts';
import { type Decision, decide } from './decide.ts';

export type Gated = Decision & {
  readonly id: string;
  /** The last answer; `null` when there was none. */
  readonly answer: ExplainedAnswer | null;
  readonly looks: number;
  readonly waitedMs: number;
};

export type Waiting = {
  readonly id: string;
  readonly query: Query;
  readonly waitMs: number;
  readonly lookEveryMs: number;
};

export type WaitDeps = {
  readonly asking: Asking;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** An answer that does not decide. */
  onOpen(id: string, decision: Decision): void;
};

/** `againMs`: sooner than this there is nothing to be seen. */
type Seen = { readonly answer: ExplainedAnswer | null; readonly decision: Decision; readonly againMs?: number };

/** An aggregator answers of no shorter a time; it may be another one that does, whose clock is a little behind. */
const shortestMs = sliceWidthMs + 1_000;

/** Clocks are so far apart, and not a year: what is further ahead is a mistake. */
const mostAheadMs = 60_000;

export async function gated({ id, query, waitMs, lookEveryMs }: Waiting, deps: WaitDeps): Promise<Gated> {
  const { clock, signal } = deps;
  const startedMs = clock.nowMs();
  const untilMs = startedMs + waitMs;
  let asked = query;
  let plannedSamples = 0;
  let begins = query.since === undefined ? null : momentMs(query.since);
  for (let looks = 1; ; looks += 1) {
    const seen = (await tooEarly(begins, waitMs, deps)) ?? (await look(id, asked, deps));
    const nowMs = clock.nowMs();
    const isLast = nowMs >= untilMs;
    const { status } = seen.decision;
    const isPlanned = (seen.answer?.n ?? 0) >= plannedSamples;
    if (isLast || status === 'fail' || (status === 'pass' && isPlanned)) {
      return { ...seen.decision, id, answer: seen.answer, looks, waitedMs: nowMs - startedMs };
    }
    if (seen.answer !== null) {
      begins = null;
      if (isPlanned) plannedSamples = decidingSamples(seen.answer);
      asked = { ...query, since: String(seen.answer.window.fromMs) };
    }
    deps.onOpen(id, seen.decision);
    await sleep(clock, Math.min(seen.againMs ?? lookEveryMs, untilMs - nowMs), signal);
  }
}

/**
 * A rollout that has just begun has shown nothing yet, and its clock may be ahead of the aggregator's: that is no mistake in
 * the pipeline. `null`: an answer can be asked for, if only to be told what is wrong.
 */
async function tooEarly(begins: number | null, waitMs: number, { asking, signal }: WaitDeps): Promise<Seen | null> {
  if (begins === null) return null;
  const nowMs = await orUnreachable(async () => asking.nowMs(signal));
  if (typeof nowMs !== 'number') return nowMs;
  const againMs = begins + shortestMs - nowMs;
  if (againMs <= 0 || begins - nowMs > Math.max(waitMs, mostAheadMs)) return null;
  const age = begins > nowMs ? `${formatMs(begins - nowMs)} ahead of` : `${formatMs(nowMs - begins)} ago by`;
  const because = `--since is ${age} the aggregator's clock: too early to tell, in ${formatMs(againMs)} it is not`;
  return { answer: null, decision: { status: 'inconclusive', because }, againMs };
}

/** With so many it decides, if they go on like these. */
function decidingSamples({ n, needed, status }: ExplainedAnswer): number {
  if (status !== 'inconclusive') return n;
  return needed === null ? Number.POSITIVE_INFINITY : n + needed;
}

async function look(id: string, query: Query, { asking, signal }: WaitDeps): Promise<Seen> {
  return orUnreachable(async () => {
    const answer = await asking.one(id, query, signal);
    return { answer, decision: decide(answer, await asking.nowMs(signal), query) };
  });
}

/** An aggregator that does not answer decides nothing. */
async function orUnreachable<T>(act: () => Promise<T>): Promise<T | Seen> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Trouble) || error.kind === 'wrong-input') throw error;
    return { answer: null, decision: { status: 'inconclusive', because: error.message } };
  }
}
