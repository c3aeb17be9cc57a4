import { expect, test } from 'vitest';
import { sliceTable } from '../../../aggregator/slices/table.ts';
import { book } from '../../../aggregator/slo/book.ts';
import { countedDrills } from '../../../aggregator/slo/drilled.ts';
import type { Span } from '../../../contract/slo/spans.ts';
import { drillReport, entryReport } from '../../fakes/drill-report.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from './world.ts';

const retentionMs = 7 * dayMs;

function drillOf(index: number, startMs: number) {
  const entries = [entryReport('api', 'us', ['eu'])];
  return { ...drillReport('lose-us', startMs, entries), id: `lose-us-${index}`, endedMs: startMs + 600_000 };
}

/** A book that keeps a week, over slices that others fill. */
function keeping(nowMs: () => number) {
  const slices = sliceTable({ retentionMs, maxSamples: 1_000 });
  let isProtected: readonly Span[] = [];
  const excluding = { ...availability, windowMs: 6 * dayMs, drills: 'excluded' } as const;
  const kept = book([excluding], [], {
    series: slices.series,
    takeTouched: slices.takeTouched,
    protect(spans) {
      isProtected = spans;
      slices.protect(spans);
    },
    retentionMs,
    nameOf: () => 'home',
    regionOf: () => 'us',
    vantageRegion: () => 'us',
    nowMs,
  });
  const { add } = world(nowMs, slices);
  return { kept, slices, add, spans: () => isProtected };
}

test('of a drill its times and the time of each failover are kept, not its report', () => {
  const [counted] = countedDrills([{ ...drillOf(1, t0), aliveAtMs: t0 + 600_000, findings: ['x'.repeat(10_000)] }]);
  expect(counted).toEqual({
    id: 'lose-us-1',
    fault: 'scale-to-zero',
    t0: { lowerMs: t0, upperMs: t0 + 20 },
    endedMs: t0 + 600_000,
    aliveAtMs: t0 + 600_000,
    failovers: [{ atMs: t0, tookMs: { lowerMs: 4_000, upperMs: 4_300 }, never: false }],
  });
  expect(countedDrills([{ ...drillOf(2, t0), t0: null }])).toEqual([]);
  const odd = { entry: 'api', failover: { passages: [] } } as never;
  expect(countedDrills([{ ...drillOf(3, t0), entries: [odd] }])).toMatchObject([{ id: 'lose-us-3', failovers: [] }]);
});

test('drills are known as long as their slices are, and forgetting one changes no verdict', () => {
  let nowMs = t0;
  const { kept, slices, add, spans } = keeping(() => nowMs);
  // Every four hours for three weeks.
  for (let index = 0; index < 126; index += 1) {
    const startMs = t0 + index * 4 * hourMs;
    kept.drilled(drillOf(index, startMs));
    for (let minute = 0; minute < 240; minute += 5) add(startMs + minute * 60_000, minute < 10 ? bad : good);
    nowMs = startMs + 4 * hourMs;
    slices.compact(nowMs);
    const [entry] = kept.entries(nowMs);
    while (kept.turn());
    const evidence = entry?.ledger.evidence({ fromMs: nowMs - 6 * dayMs, toMs: nowMs });
    expect(evidence).toMatchObject({ account: { good: Math.min(index + 1, 36) * 46, bad: 0 } });
    expect(kept.drills().length).toBeLessThanOrEqual(43);
  }
  expect(kept.drills().at(0)?.endedMs).toBeGreaterThan(nowMs - retentionMs - hourMs);
  expect(spans().length).toBeLessThanOrEqual(2 * 43);
});

test('one whose runner never said that it ended is forgotten when it is no longer believed', () => {
  let nowMs = t0 + 600_000;
  const { kept } = keeping(() => nowMs);
  kept.drilled({ ...drillOf(1, t0), endedMs: null, aliveAtMs: t0 + 300_000, leaseMs: 30_000 });
  kept.drilled({ ...drillOf(2, t0), endedMs: null, aliveAtMs: t0 + 300_000, fault: 'observed' });
  kept.entries(nowMs);
  expect(kept.drills().map(({ id }) => id)).toEqual(['lose-us-1']);
  nowMs = t0 + 330_000 + retentionMs + hourMs;
  kept.entries(nowMs);
  expect(kept.drills()).toEqual([]);
});
