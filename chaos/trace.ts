/** A drill as a trace, made from its evidence once it is over. Pure, but for `writeTrace`. */
import type { DrillReport } from '../contract/drill.ts';
import type { OpenSpan, SpanAttributes, SpanEvent, Tracing } from '../contract/tracing.ts';
import { entryOf, type JournalEntry, type Stamped } from './journal.ts';
import { middleOf, outageSpans, stageSpans } from './trace/timeline.ts';

/** A span with those that are parts of it. Epoch milliseconds on the runner's clock, like all in it. */
export type TraceSpan = {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly events: readonly SpanEvent[];
  readonly error: string | null;
  readonly parts: readonly TraceSpan[];
};

/**
 * The drill, in it its phases, and in those the outages and the stages of who was affected. `null` where the journal does
 * not say how it ended.
 */
export function drillTrace(journal: readonly Stamped[], report: DrillReport): TraceSpan | null {
  const concluded = entryOf(journal, 'concluded');
  if (concluded === undefined) return null;
  const { facts, exit, atMs } = concluded;
  const { t0, restoreCalled, startedMs } = facts;
  const beganMs = Math.min(startedMs, journal[0]?.atMs ?? startedMs);
  const parts = [
    ...phasesOf(journal, startedMs, atMs),
    ...(t0 === null ? [] : [...outageSpans(report, middleOf(t0)), ...stageSpans(report, 'failover', middleOf(t0))]),
    ...(restoreCalled === null ? [] : stageSpans(report, 'failback', middleOf(restoreCalled))),
  ];
  return {
    name: `drill ${report.name}`,
    startMs: beganMs,
    endMs: atMs,
    attributes: attributesOf(report, exit),
    events: journal.flatMap(eventOf),
    error: report.restored && report.verdict.status !== 'fail' ? null : report.verdict.because,
    parts,
  };
}

function attributesOf(report: DrillReport, exit: number): SpanAttributes {
  const { id, name, scenario, fault, region, verdict, restored, stopped, t0, left } = report;
  return {
    'blackstart.drill.id': id,
    'blackstart.drill.name': name,
    'blackstart.scenario': scenario,
    'blackstart.drill.fault': fault,
    'blackstart.region': region,
    'blackstart.drill.verdict': verdict.status,
    'blackstart.drill.because': verdict.because,
    'blackstart.drill.restored': restored,
    'blackstart.drill.exit_code': exit,
    ...(t0 === null ? {} : { 'blackstart.drill.t0.uncertainty_seconds': (t0.upperMs - t0.lowerMs) / 1_000 }),
    ...(stopped == null ? {} : { 'blackstart.drill.stopped': stopped }),
    ...(left.length === 0 ? {} : { 'blackstart.drill.left': left }),
  };
}

/** Each from when the drill came into it to when it came into the next. */
function phasesOf(journal: readonly Stamped[], startedMs: number, endedMs: number): readonly TraceSpan[] {
  const changes = journal.flatMap((entry) =>
    entry.type === 'event' ? [{ phase: entry.drill.phase, atMs: entry.atMs, by: entry.event.type }] : [],
  );
  if (changes.length === 0) return [];
  const all = [{ phase: 'baseline' as const, atMs: startedMs, by: null }, ...changes];
  return all.flatMap(({ phase, atMs, by }, index) => {
    const endMs = all[index + 1]?.atMs ?? endedMs;
    const name = phase === 'over' ? 'conclude' : phase;
    const attributes: SpanAttributes = by === null ? {} : { 'blackstart.drill.event': by };
    return [{ name, startMs: atMs, endMs, attributes, events: [], error: null, parts: [] }];
  });
}

/** What was done, and what was said of it. */
const told: ReadonlySet<JournalEntry['type']> = new Set([
  'armed',
  'restorer-seen',
  'inject-called',
  'restore-called',
  'message',
  'swept',
]);

function eventOf(entry: Stamped): readonly SpanEvent[] {
  if (!told.has(entry.type)) return [];
  const attributes: SpanAttributes = entry.type === 'message' ? { 'blackstart.message': entry.text } : {};
  return [{ name: entry.type, atMs: entry.atMs, attributes }];
}

/** Writes the trace out. Its first span is the one that `spanOfDrill` tells, where `tracing` was begun with that. */
export function writeTrace(tracing: Tracing, trace: TraceSpan, parent?: OpenSpan): void {
  const { name, startMs, endMs, attributes, events, error, parts } = trace;
  const span = tracing.begin({ name, kind: 'internal', startMs, ...(parent === undefined ? {} : { parent }) });
  for (const part of parts) writeTrace(tracing, part, span);
  span.end({ endMs, attributes, events, error });
}
