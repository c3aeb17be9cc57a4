/** Stages read from outside by the runner: ready endpoints, and what the health check says. All on the runner's clock. */
import type { Bounds } from '../../contract/bounds.ts';
import type { Stages } from '../../contract/drill.ts';
import type { DrillFacts } from '../facts.ts';
import { since } from './passage.ts';
import { transition } from './span.ts';

type Reading = { readonly sentMs: number; readonly receivedMs: number };
const spanOf = ({ sentMs, receivedMs }: Reading): { startMs: number; endMs: number } => ({
  startMs: sentMs,
  endMs: receivedMs,
});

/** When readings that hold gave way to readings that don't, within `[from, until]`. */
function change<R extends Reading>(
  readings: readonly R[],
  held: (reading: R) => boolean,
  window: { readonly from: Bounds; readonly until: Bounds | null },
): Bounds | undefined {
  const { from, until } = window;
  const cut = readings.filter((reading) => until === null || reading.receivedMs <= until.lowerMs);
  const before = cut.filter(held).map(spanOf);
  const behind = cut.filter((reading) => !held(reading) && reading.sentMs >= from.lowerMs).map(spanOf);
  const moment = transition(before, behind, { lowerMs: from.lowerMs, upperMs: from.lowerMs });
  return moment === undefined ? undefined : since(from, moment);
}

/** `drain`: the last ready endpoint gone. `detect`: the health check unhealthy. */
export function readStages(facts: DrillFacts): Stages {
  if (facts.t0 === null) return {};
  const window = { from: facts.t0, until: facts.restoreCalled };
  const drain = change(facts.endpoints, (reading) => reading.ready > 0, window);
  const detect = change(facts.checkers, (reading) => reading.healthy, window);
  return { ...(drain === undefined ? {} : { drain }), ...(detect === undefined ? {} : { detect }) };
}

/**
 * The same the other way round. `drain`: the first ready endpoint is back. `capacity`: as many are ready as before the
 * drill. `detect`: the health check is healthy again.
 */
export function readBackStages(facts: DrillFacts): Stages {
  const { t0, restoreCalled } = facts;
  if (t0 === null || restoreCalled === null) return {};
  const window = { from: restoreCalled, until: null };
  const inDrill = <R extends Reading>(readings: readonly R[]): readonly R[] =>
    readings.filter((reading) => reading.sentMs >= t0.lowerMs);
  const full = Math.max(0, ...facts.endpoints.filter((r) => r.sentMs < t0.lowerMs).map((r) => r.ready));
  const wanted = full > 0 ? full : Math.max(1, ...facts.endpoints.map((reading) => reading.ready));
  const emptied = facts.endpoints.some((reading) => reading.ready === 0);
  const back = (least: number): Bounds | undefined =>
    emptied ? change(inDrill(facts.endpoints), (reading) => reading.ready < least, window) : undefined;
  const [drain, capacity] = [back(1), back(wanted)];
  const detect = change(inDrill(facts.checkers), (reading) => !reading.healthy, window);
  return {
    ...(drain === undefined ? {} : { drain }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(detect === undefined ? {} : { detect }),
  };
}
