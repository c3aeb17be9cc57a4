import { describe, expect, test } from 'vitest';
import type { Agent } from '../../aggregator/ingest/roster.ts';
import { latenessMs, owed, type Settling, settle } from '../../aggregator/slices/settle.ts';
import { missingIn, type Slice } from '../../aggregator/slices/slice.ts';
import { type SliceTable, sliceTable } from '../../aggregator/slices/table.ts';
import { httpCheck } from './harness.ts';

const t0 = 1_700_000_000_000;
const check = httpCheck('home', 'us-east-1', 1_000);
const key = { checkId: check.id, vantage: 'us', burst: '' };
const good = { region: 'us-east-1', outcome: 'good' as const, missing: null, durationMs: 20 };
const connected = {} as NonNullable<Agent['link']>;

function agent(over: Partial<Agent> = {}): Agent {
  return {
    agent: 'a1',
    vantage: 'us',
    region: 'us-east-1',
    boot: 'b1',
    version: '0',
    firstSeenMs: t0,
    lastSeenMs: t0,
    link: connected,
    clock: null,
    marks: [],
    markMs: null,
    settled: new Map(),
    gaps: [],
    newestMs: 0,
    ...over,
  };
}

function world(sinceMs = t0) {
  const slices = sliceTable({ retentionMs: 30 * 86_400_000, maxSamples: 1_000 });
  const told: (readonly [string, number])[] = [];
  const deps: Settling = {
    slices,
    assigned: () => [{ check, sinceMs }],
    sequenceOf: () => ({ committed: 100, alignByMs: 0 }),
    onMissing: (_check, _vantage, reason, results) => told.push([reason, results]),
    startedMs: t0,
  };
  return { slices, deps, told };
}

function all(slices: SliceTable): readonly Slice[] {
  return [...(slices.of(key)?.tiers[0]?.values() ?? [])].sort((a, b) => a.atMs - b.atMs);
}
function fill(slices: SliceTable, fromMs: number, toMs: number): void {
  for (let atMs = fromMs; atMs < toMs; atMs += 1_000) slices.add(key, atMs, good);
}
const markedTo = (throughMs: number) => ({ marks: [{ seq: 100, throughMs }] });

test('a slice is declared as soon as the mark has passed it, and nothing is missing when all came', () => {
  const { slices, deps, told } = world();
  fill(slices, t0, t0 + 20_000);
  settle([agent(markedTo(t0 + 21_500))], deps, t0 + 22_000);
  expect(all(slices).map(({ expected }) => expected)).toEqual([10, 10]);
  expect(all(slices).map(missingIn)).toEqual([0, 0]);
  expect(told).toEqual([]);
});

test('a mark does not count before the results that it follows', () => {
  const { slices, deps } = world();
  settle([agent({ marks: [{ seq: 101, throughMs: t0 + 21_500 }] })], deps, t0 + 22_000);
  expect(all(slices)).toEqual([]);
});

test('what an agent that is gone did not send is missing when the slice is too late, not before', () => {
  const { slices, deps, told } = world();
  const gone = agent({ link: null, firstSeenMs: t0 - 60_000, settled: new Map([[1_000, t0]]) });
  fill(slices, t0, t0 + 4_000);
  settle([gone], deps, t0 + 15_000);
  expect(all(slices).map(({ expected }) => expected)).toEqual([0]);
  expect(owed(gone, deps, t0 + 15_000)).toMatchObject([{ results: 13 }]);
  settle([gone], deps, t0 + 11_000 + latenessMs);
  expect(told).toEqual([['agent-gone', 6]]);
  expect(all(slices).map(missingIn)).toEqual([6]);
});

test('rounds before an agent was first seen are not expected; the first ones after are not assigned yet', () => {
  const { slices, deps, told } = world();
  fill(slices, t0 + 6_000, t0 + 20_000);
  settle([agent({ firstSeenMs: t0 + 4_000, ...markedTo(t0 + 30_000) })], deps, t0 + 30_000);
  expect(all(slices).map(({ expected }) => expected)).toEqual([6, 10]);
  expect(told).toEqual([['not-yet-assigned', 2]]);
});

test('a check that is new is expected from its assignment on', () => {
  const { slices, deps } = world(t0 + 7_000);
  settle([agent({ firstSeenMs: t0 - 60_000, ...markedTo(t0 + 12_000) })], deps, t0 + 12_000);
  expect(all(slices).map(({ expected }) => expected)).toEqual([3]);
});

test('what was dropped is missing for that reason, and counted where the agent said so', () => {
  const { slices, deps, told } = world();
  fill(slices, t0, t0 + 5_000);
  const gaps = [{ fromMs: t0 + 4_000, toMs: t0 + 12_000, reason: 'dropped' as const }];
  settle([agent({ gaps, ...markedTo(t0 + 11_500) })], deps, t0 + 12_000);
  expect(all(slices).map(({ remainder }) => remainder)).toEqual(['dropped']);
  expect(all(slices).map(missingIn)).toEqual([5]);
  expect(told).toEqual([]);
});

test('nothing is declared twice, over any number of turns', () => {
  const { slices, deps } = world();
  const steady = agent();
  for (let nowMs = t0; nowMs < t0 + 60_000; nowMs += 1_000) {
    fill(slices, nowMs, nowMs + 1_000);
    steady.marks = [{ seq: 100, throughMs: nowMs }];
    settle([steady], deps, nowMs);
  }
  expect(
    all(slices)
      .slice(0, 4)
      .map(({ expected }) => expected),
  ).toEqual([10, 10, 10, 10]);
});

describe('an agent that is silent for a day', () => {
  const laterMs = t0 + 2 * 86_400_000;
  const gone = (over: Partial<Agent> = {}) => agent({ link: null, settled: new Map([[1_000, t0]]), ...over });

  test('is missing still: silence retires nobody', () => {
    const { slices, deps } = world();
    settle([gone(), agent({ agent: 'a2', vantage: 'eu', lastSeenMs: laterMs })], deps, laterMs);
    expect(all(slices).reduce((sum, slice) => sum + missingIn(slice), 0)).toBeGreaterThan(0);
  });

  test('owes nothing more once another of its vantage was heard of, or a person took it out', () => {
    for (const [one, ...others] of [
      [gone(), agent({ agent: 'a2', lastSeenMs: laterMs, firstSeenMs: laterMs })],
      [gone(), agent({ agent: 'a2', link: null, lastSeenMs: t0 + 3_600_000, firstSeenMs: laterMs })],
      [gone({ isRemoved: true })],
    ] as const) {
      const { slices, deps } = world();
      settle([one, ...others], deps, laterMs);
      expect(all(slices)).toEqual([]);
      expect(one.settled.size).toBe(0);
      // Should the other go, nothing of the past is declared anew.
      settle([{ ...one, isRemoved: false }], deps, laterMs + 1_000);
      expect(all(slices)).toEqual([]);
    }
  });
});
