/** From the record of a drill's canaries to what it shows. Pure: the same record gives the same report. */
import { type Bounds, stretched } from '../../contract/bounds.ts';
import type { CanaryErasure, CanaryLoss, CanaryReport, SplitBrain } from '../../contract/canaries.ts';
import { type CanaryFacts, type CanarySetup, linesOf, rangesOf } from './facts.ts';
import { findingsOf } from './findings.ts';
import { type Acknowledged, type Looked, lookedAt, lossOf, numbersOf } from './loss.ts';
import { forbiddenIn, storesOf } from './stores.ts';
import { verdictOf } from './verdict.ts';

/** The drill that they were written through. */
export type DrillTimes = {
  /** R, the region taken away. */
  readonly region: string;
  readonly t0: Bounds | null;
  readonly restoreCalled: Bounds | null;
};

/** `null` where the record has no setup: the drill has no canaries. */
export function canaryReport(facts: CanaryFacts, drill: DrillTimes): CanaryReport | null {
  const [setup] = linesOf(facts, 'setup');
  if (setup === undefined) return null;
  const numbers = numbersOf(facts, setup);
  const failover = failoverLook(facts, setup, drill);
  const [ended] = linesOf(facts, 'ended');
  const end =
    ended === undefined ? null : lookedAt(facts, setup, { fromMs: ended.atMs, untilMs: Number.POSITIVE_INFINITY });
  const attempts = linesOf(facts, 'attempt');
  const shown = {
    rpoMs: setup.rpoMs,
    writers: setup.writers,
    attempts: attempts.length,
    acknowledged: [...numbers.values()].flat().filter(({ by }) => by.length > 0).length,
    atFailover: failover === null ? null : widened(lossOf(numbers, failover)),
    atEnd: end === null ? null : widened(lossOf(numbers, end)),
    splitBrain: splitBrain(setup, numbers),
    forbidden: forbiddenIn(facts, setup),
    stores: storesOf(numbers, end ?? { stores: [] }),
    erased: erasureIn(facts),
  };
  const findings = findingsOf(facts, setup, shown);
  return { ...shown, findings, verdict: verdictOf(shown, drill) };
}

/** What the regions that are left had of it, when replication had had the most time, and before R could add anything. */
function failoverLook(
  facts: CanaryFacts,
  setup: CanarySetup,
  { region, t0, restoreCalled }: DrillTimes,
): Looked | null {
  if (t0 === null || restoreCalled === null) return null;
  const stores = setup.stores.filter((store) => store.region !== region);
  return lookedAt(facts, { ...setup, stores }, { fromMs: t0.upperMs, untilMs: restoreCalled.lowerMs });
}

/** One machine made all times, on a clock that may drift. A span is no shorter than nothing. */
function widened(loss: CanaryLoss): CanaryLoss {
  const { lowerMs, upperMs } = loss.span;
  const span = stretched({ lowerMs, upperMs: upperMs ?? lowerMs });
  return { ...loss, span: { lowerMs: Math.max(0, span.lowerMs), upperMs: upperMs === null ? null : span.upperMs } };
}

/** Where at most one side takes writes, a number that two acknowledge was decided twice. */
function splitBrain(
  { writers }: CanarySetup,
  numbers: ReadonlyMap<string, readonly Acknowledged[]>,
): readonly SplitBrain[] {
  if (writers === 'each') return [];
  const twice = [...numbers.values()].flat().filter(({ by }) => by.length > 1);
  const bySides = Map.groupBy(twice, ({ by }) => by.toSorted().join(' '));
  return [...bySides].map(([sides, own]) => ({
    regions: sides.split(' '),
    numbers: rangesOf(own.map(({ seq }) => seq)),
  }));
}

/** Of several tries the last: `recover` may have come back to it. */
function erasureIn(facts: CanaryFacts): CanaryErasure | null {
  const last = linesOf(facts, 'erased').at(-1);
  if (last === undefined) return null;
  const { left, unread, records } = last;
  return { left, unread, records, proven: Object.keys(left).length + Object.keys(unread).length === 0 };
}
