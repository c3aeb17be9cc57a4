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
import type { Asking, Query } from './ask.ts';
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

type Seen = { readonly answer: ExplainedAnswer | null; readonly decision: Decision };

export async function gated({ id, query, waitMs, lookEveryMs }: Waiting, deps: WaitDeps): Promise<Gated> {
  const { clock, signal } = deps;
  const startedMs = clock.nowMs();
  const untilMs = startedMs + waitMs;
  let asked = query;
  let plannedSamples = 0;
  for (let looks = 1; ; looks += 1) {
    const seen = await look(id, asked, deps);
    const nowMs = clock.nowMs();
    const isLast = nowMs >= untilMs;
    const { status } = seen.decision;
    const isPlanned = (seen.answer?.n ?? 0) >= plannedSamples;
    if (isLast || status === 'fail' || (status === 'pass' && isPlanned)) {
      return { ...seen.decision, id, answer: seen.answer, looks, waitedMs: nowMs - startedMs };
    }
    if (seen.answer !== null) {
      if (isPlanned) plannedSamples = decidingSamples(seen.answer);
      asked = { ...query, since: String(seen.answer.window.fromMs) };
    }
    deps.onOpen(id, seen.decision);
    await sleep(clock, Math.min(lookEveryMs, untilMs - nowMs), signal);
  }
}

/** With so many it decides, if they go on like these. */
function decidingSamples({ n, needed, status }: ExplainedAnswer): number {
  if (status !== 'inconclusive') return n;
  return needed === null ? Number.POSITIVE_INFINITY : n + needed;
}

/** An aggregator that does not answer decides nothing. */
async function look(id: string, query: Query, { asking, signal }: WaitDeps): Promise<Seen> {
  try {
    const answer = await asking.one(id, query, signal);
    return { answer, decision: decide(answer, await asking.nowMs(signal)) };
  } catch (error) {
    if (!(error instanceof Trouble) || error.kind === 'wrong-input') throw error;
    return { answer: null, decision: { status: 'inconclusive', because: error.message } };
  }
}
