/** Reports of drills that went well. */
import type { DrillReport, EntryReport, Passage, Stages } from '../../contract/drill.ts';

function passage(vantage: string, servedBy: readonly string[], endedMs: number | null): Passage {
  const ended = endedMs === null ? null : { lowerMs: endedMs - 100, upperMs: endedMs };
  const length = { lowerMs: 3_000, upperMs: endedMs };
  const main = { began: { lowerMs: 300, upperMs: 400 }, ended, length, attempts: 30, unseen: false };
  return { vantage, client: 'fresh', observed: true, main, others: [], servedBy, gapMs: 100 };
}

export function entryReport(entry: string, vantage: string, servedBy: readonly string[]): EntryReport {
  const moved: Stages = {
    authority: { lowerMs: 2_600, upperMs: 2_800 },
    ...(servedBy.length === 0 ? {} : { 'first-good': { lowerMs: 4_000, upperMs: 4_300 } }),
  };
  const back: Stages = { 'first-good': { lowerMs: 2_500, upperMs: 2_900 } };
  return {
    entry,
    servedBy,
    withinMs: 8_000,
    failbackMs: 8_000,
    failover: {
      stages: { [vantage]: { fresh: moved } },
      passages: [passage(vantage, servedBy, servedBy.length === 0 ? null : 4_300)],
    },
    failback: { stages: { [vantage]: { fresh: back } }, passages: [] },
    verdict: { status: 'pass', because: 'first good answer 4.00 s to 4.30 s after t0, limit 8 s' },
  };
}

export function drillReport(name: string, atMs: number, entries: readonly EntryReport[]): DrillReport {
  return {
    id: `${name}-1`,
    name,
    scenario: 'agent-api',
    fault: 'scale-to-zero',
    region: name.replace('lose-', ''),
    status: 'over',
    phase: 'over',
    verdict: { status: 'pass', because: 'all held' },
    t0: { lowerMs: atMs, upperMs: atMs + 20 },
    restoreCalled: { lowerMs: atMs + 7_000, upperMs: atMs + 7_020 },
    predicted: {},
    stages: {},
    outage: {},
    failback: {},
    entries,
    restored: true,
    left: [],
    findings: [],
    residency: null,
    overrides: {},
    startedMs: atMs - 2_000,
    endedMs: atMs + 12_000,
  };
}
