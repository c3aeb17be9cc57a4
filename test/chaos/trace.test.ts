import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJournal } from '../../chaos/journal.ts';
import { type Outcome, runDrill } from '../../chaos/run.ts';
import { drillTrace, type TraceSpan, writeTrace } from '../../chaos/trace.ts';
import { type DrillWorld, drillWorld, inSimulatedTime } from '../fakes/drill-world.ts';
import { keptTracing } from '../fakes/tracing.ts';

async function traced(world: DrillWorld): Promise<{ readonly outcome: Outcome; readonly trace: TraceSpan }> {
  const outcome = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
  const trace = drillTrace(await readJournal(join(outcome.evidence ?? '', 'journal.jsonl')), outcome.report);
  if (trace === null) throw new Error('no trace');
  return { outcome, trace };
}

const phases = ['baseline', 'injecting', 'failing-over', 'holding', 'restoring', 'failing-back', 'conclude'];

describe('the trace of a drill', () => {
  test('has its phases without a hole between them, and its verdict', async () => {
    const { outcome, trace } = await traced(await drillWorld());
    const { report } = outcome;
    expect(trace).toMatchObject({ name: `drill ${report.name}`, error: null });
    expect(trace.attributes).toMatchObject({
      'blackstart.drill.id': report.id,
      'blackstart.region': report.region,
      'blackstart.drill.verdict': 'pass',
      'blackstart.drill.because': report.verdict.because,
      'blackstart.drill.restored': true,
      'blackstart.drill.exit_code': 0,
    });
    const inOrder = trace.parts.filter(({ name }) => phases.includes(name));
    expect(inOrder.map(({ name }) => name)).toEqual(phases);
    expect(inOrder.slice(1).map(({ startMs }) => startMs)).toEqual(inOrder.slice(0, -1).map(({ endMs }) => endMs));
    expect(inOrder.at(-1)?.endMs).toBe(trace.endMs);
    expect(trace.events.map(({ name }) => name)).toEqual(expect.arrayContaining(['inject-called', 'restore-called']));
  });

  test('has the outage and each stage of whom it befell, on the clock of the phases', async () => {
    const { outcome, trace } = await traced(await drillWorld());
    const [entry] = outcome.report.entries;
    const passage = entry?.failover.passages.find(({ main }) => main !== null);
    const outage = trace.parts.find(
      ({ name, attributes }) => name === 'outage' && attributes['blackstart.vantage'] === passage?.vantage,
    );
    const length = passage?.main?.length;
    const drawnMs = (outage?.endMs ?? 0) - (outage?.startMs ?? 0);
    expect(drawnMs).toBeGreaterThanOrEqual(length?.lowerMs ?? Number.NaN);
    expect(drawnMs).toBeLessThanOrEqual(length?.upperMs ?? Number.NaN);
    const [injecting, failingOver] = ['injecting', 'failing-over'].map((phase) =>
      trace.parts.find(({ name }) => name === phase),
    );
    const good = trace.parts.find(({ name }) => name === 'failover first-good');
    expect(good?.startMs).toBeGreaterThanOrEqual(injecting?.startMs ?? Number.NaN);
    expect(good?.startMs).toBeLessThanOrEqual(failingOver?.startMs ?? Number.NaN);
    expect(good?.attributes).toMatchObject({ 'blackstart.entry': 'api', 'blackstart.stage': 'first-good' });
    expect(trace.parts.some(({ name }) => name === 'failback first-good')).toBe(true);
  });

  test('of a drill that could not put the region back has failed', async () => {
    const { outcome } = await traced(await drillWorld());
    const verdict = { status: 'fail', because: 'not restored: the API server refuses it' } as const;
    const report = { ...outcome.report, restored: false, left: ['deployment/api has 0 of 10'], verdict };
    const trace = drillTrace(await readJournal(join(outcome.evidence ?? '', 'journal.jsonl')), report);
    expect(trace?.error).toBe(verdict.because);
    expect(trace?.attributes).toMatchObject({
      'blackstart.drill.restored': false,
      'blackstart.drill.left': report.left,
    });
  });

  test('is written out with everything under its first span', async () => {
    const { trace } = await traced(await drillWorld());
    const tracing = keptTracing();
    writeTrace(tracing, trace);
    const root = tracing.spans.at(-1);
    expect(root?.name).toBe(trace.name);
    expect(tracing.spans).toHaveLength(trace.parts.length + 1);
    expect(new Set(tracing.spans.map(({ traceId }) => traceId))).toEqual(new Set([root?.traceId]));
    expect(tracing.spans.slice(0, -1).map(({ parent }) => parent?.spanId)).toEqual(trace.parts.map(() => root?.spanId));
  });
});

test('a journal that does not say how the drill ended gives no trace', async () => {
  const world = await drillWorld();
  const { report, evidence } = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
  const journal = await readJournal(join(evidence ?? '', 'journal.jsonl'));
  expect(
    drillTrace(
      journal.filter(({ type }) => type !== 'concluded'),
      report,
    ),
  ).toBeNull();
});
