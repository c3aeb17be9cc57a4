/** The moments of a drill on the clock of the agent that watched it. */
import type { StoredResult } from '../../contract/api.ts';
import { assumedDriftPpm, type Bounds, overlap, shifted, widthMs } from '../../contract/bounds.ts';
import type { DrillFacts } from '../facts.ts';
import type { Span } from './span.ts';

/** One vantage's clock: that of the agent's boot which made most of its results. */
export type VantageClock = {
  readonly t0: Bounds;
  readonly restore: Bounds | null;
  /** A result's time on this clock; wider than it took when another boot made it. */
  readonly span: (result: StoredResult) => Span;
  /** `false`: its offsets contradict each other, so it was stepped or the machine slept. */
  readonly steady: boolean;
};

const mostAnchors = 200;

/** How old the runner's offset is at most where it is renewed all through a drill. */
const renewedEveryMs = 15_000;

/** A moment on the runner's clock, on the aggregator's. The offset ages. */
export function onAggregator(facts: DrillFacts, moment: Bounds): Bounds {
  const { offsetAtMs, offset } = facts;
  const ageMs = offsetAtMs === undefined ? renewedEveryMs : Math.abs(moment.lowerMs - offsetAtMs);
  return shifted(moment, aged(offset, ageMs));
}

/** The clock of a vantage that made `results`; `undefined` before injection, or without any result. */
export function clockOf(facts: DrillFacts, results: readonly StoredResult[]): VantageClock | undefined {
  const all = mostFrequentBoot(results);
  if (facts.t0 === null || all.length === 0) return undefined;
  const own = anchorsOf(all);
  const t0 = locate(onAggregator(facts, facts.t0), own);
  const restore = facts.restoreCalled === null ? null : locate(onAggregator(facts, facts.restoreCalled), own);
  const [main] = all;
  const isMain = (result: StoredResult): boolean => result.boot === main?.boot && result.agent === main.agent;
  return {
    t0: t0.at,
    restore: restore?.at ?? null,
    steady: t0.steady && (restore?.steady ?? true),
    span(result) {
      const { startMs, durationMs } = result;
      if (isMain(result)) return { startMs, endMs: startMs + durationMs };
      const start = shifted({ lowerMs: startMs, upperMs: startMs }, result.offset);
      const { at } = locate(start, own);
      return { startMs: at.lowerMs, endMs: at.upperMs + durationMs };
    },
  };
}

/**
 * A moment of the aggregator's clock on the agent's: what all offsets agree on, each widened by the drift between the
 * moment and its own result. Where they contradict each other, by the result next to the moment.
 */
function locate(moment: Bounds, own: readonly StoredResult[]): { readonly at: Bounds; readonly steady: boolean } {
  let agreed: Bounds | undefined;
  let nearest: { readonly at: Bounds; readonly ageMs: number } | undefined;
  let steady = true;
  for (const { startMs, offset } of own) {
    const raw = { lowerMs: moment.lowerMs - offset.upperMs, upperMs: moment.upperMs - offset.lowerMs };
    const ageMs = Math.max(Math.abs(raw.lowerMs - startMs), Math.abs(raw.upperMs - startMs));
    const at = aged(raw, ageMs);
    if (nearest === undefined || ageMs < nearest.ageMs) nearest = { at, ageMs };
    const both: Bounds | undefined = agreed === undefined ? at : overlap(agreed, at);
    if (both === undefined) steady = false;
    else agreed = both;
  }
  const at = steady ? agreed : nearest?.at;
  return { at: at ?? moment, steady };
}

function aged(bounds: Bounds, ageMs: number): Bounds {
  const slackMs = (ageMs + widthMs(bounds)) * (assumedDriftPpm / 1_000_000);
  return { lowerMs: bounds.lowerMs - slackMs, upperMs: bounds.upperMs + slackMs };
}

function mostFrequentBoot(results: readonly StoredResult[]): readonly StoredResult[] {
  const byAgent = Map.groupBy(results, (result) => result.agent);
  const boots = [...byAgent.values()].flatMap((own) => [...Map.groupBy(own, (result) => result.boot).values()]);
  return boots.reduce<readonly StoredResult[]>((most, of) => (of.length > most.length ? of : most), []);
}

/** Results that are spread over the record: more of them would say hardly more of the clock. */
function anchorsOf(results: readonly StoredResult[]): readonly StoredResult[] {
  const step = Math.ceil(results.length / mostAnchors);
  return results.filter((_, index) => index % step === 0);
}
