import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  boundsOfRank,
  bucketIndex,
  emptyHistogram,
  fromText,
  mergeInto,
  observe,
  toText,
  upperBound,
} from '../../aggregator/slices/histogram.ts';
import { placeOf } from '../../aggregator/slices/place.ts';
import { alignmentMs, roundsBetween } from '../../aggregator/slices/rounds.ts';
import { cameIn, missingIn, type Slice } from '../../aggregator/slices/slice.ts';
import { type SliceTable, sliceTable } from '../../aggregator/slices/table.ts';
import { result } from './harness.ts';

const hourMs = 3_600_000;
const key = { checkId: 'home', vantage: 'us', burst: '' };
const good = { region: 'us', outcome: 'good' as const, missing: null, durationMs: 20 };
const bad = { ...good, outcome: 'bad' as const };

function slicesOf(table: SliceTable): readonly Slice[] {
  return (table.of(key)?.tiers ?? []).flatMap((tier) => [...tier.values()]);
}
const limits = { retentionMs: 30 * 86_400_000, maxSamples: 1_000 };

test('powers of two lie exactly on a bound of the histogram', () => {
  for (let index = -100; index < 100; index += 1) {
    expect(bucketIndex(upperBound(index))).toBe(index);
    expect(bucketIndex(upperBound(index) * (1 + 1e-12))).toBe(index + 1);
  }
});

test('a histogram says where a rank lies, within one bucket, also after merging and storing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-5, max: 100, noNaN: true }), { minLength: 2, maxLength: 200 }),
      (seconds) => {
        const halves = [emptyHistogram(), emptyHistogram()] as const;
        for (const [index, value] of seconds.entries()) observe(halves[index % 2 === 0 ? 0 : 1], value);
        const merged = fromText(toText(halves[0]));
        mergeInto(merged, halves[1]);
        const sorted = [...seconds].sort((a, b) => a - b);
        for (const rank of [1, Math.ceil(seconds.length / 2), seconds.length]) {
          const [lower, upper] = boundsOfRank(merged, rank) ?? [Number.NaN, Number.NaN];
          const value = sorted[rank - 1] as number;
          expect(lower <= value && value <= upper).toBe(true);
        }
        expect(merged.count).toBe(seconds.length);
      },
    ),
  );
});

test('expected is what came and what is missing', () => {
  const table = sliceTable(limits);
  table.add(key, 100_000, good);
  table.add(key, 101_000, bad);
  table.add(key, 102_000, { ...good, outcome: 'missing', missing: 'shed' });
  expect(table.expect(key, 100_000, 10, 'agent-gone')).toBe(7);
  const [slice] = slicesOf(table) as [Slice];
  expect(slice.expected).toBe(10);
  expect(cameIn(slice) + 7).toBe(10);
  expect(missingIn(slice)).toBe(8);
});

test('a late result lands in its own slice and is missing no more', () => {
  const table = sliceTable(limits);
  table.expect(key, 100_000, 2, 'agent-gone');
  table.add(key, 109_999, good);
  expect(slicesOf(table)).toHaveLength(1);
  expect(missingIn(slicesOf(table)[0] as Slice)).toBe(1);
});

test('more than was expected hides nothing that is missing elsewhere when slices are merged', () => {
  const table = sliceTable(limits);
  for (const atMs of [0, 1, 2]) table.add(key, atMs, good);
  table.expect(key, 0, 1, 'agent-gone');
  table.expect(key, 10_000, 2, 'agent-gone');
  table.compact(3 * hourMs);
  const [slice] = slicesOf(table) as [Slice];
  expect(slice.widthMs).toBe(60_000);
  expect(missingIn(slice)).toBe(2);
});

test('slices become a minute wide, then an hour, and no count changes', () => {
  const table = sliceTable(limits);
  for (let atMs = 0; atMs < hourMs; atMs += 10_000) {
    table.add(key, atMs, atMs % 30_000 === 0 ? bad : good);
    table.expect(key, atMs, 2, 'agent-gone');
  }
  const sums = () => {
    const regions = slicesOf(table).map((slice) => slice.regions.get('us'));
    return [regions.reduce((n, one) => n + (one?.good ?? 0), 0), regions.reduce((n, one) => n + (one?.bad ?? 0), 0)];
  };
  const before = [...sums(), slicesOf(table).reduce((n, slice) => n + missingIn(slice), 0)];
  table.compact(4 * hourMs);
  expect(slicesOf(table).map(({ widthMs }) => widthMs)).toEqual(Array.from({ length: 60 }, () => 60_000));
  expect([...sums(), slicesOf(table).reduce((n, slice) => n + missingIn(slice), 0)]).toEqual(before);
  table.compact(100 * hourMs);
  expect(slicesOf(table).map(({ widthMs }) => widthMs)).toEqual([hourMs]);
  expect([...sums(), slicesOf(table).reduce((n, slice) => n + missingIn(slice), 0)]).toEqual(before);
  table.compact(100 * 86_400_000);
  expect(slicesOf(table)).toEqual([]);
});

test('beyond the bound the oldest durations are only kept in their histogram', () => {
  const table = sliceTable({ ...limits, maxSamples: 3 });
  for (const atMs of [0, 1, 10_000, 10_001]) table.add(key, atMs, good);
  const samples = slicesOf(table).map((slice) => slice.regions.get('us')?.samplesMs);
  expect(samples).toEqual([null, [20, 20]]);
  expect(slicesOf(table)[0]?.regions.get('us')?.durations.count).toBe(2);
});

test('rounds of clocks that are apart are lined up, so each slice expects what each agent makes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(200, 1_000, 3_000, 10_000),
      fc.integer({ min: -60_000, max: 60_000 }),
      (everyMs, offsetMs) => {
        const clock = { bounds: { lowerMs: offsetMs, upperMs: offsetMs }, atMs: 1_700_000_000_000, restarts: 0 };
        const rounds = new Set<number>();
        for (let round = 0; round < 50; round += 1) {
          const startMs = 1_700_000_000_000 - offsetMs + round * everyMs;
          const made = result(round + 1, { startMs, round: Math.floor(startMs / everyMs) });
          const place = placeOf(made, { everyMs }, clock, offsetMs);
          rounds.add(place.round);
          expect(Math.abs(place.atMs - place.roundStartMs)).toBeLessThan(2 * everyMs);
        }
        expect(rounds.size).toBe(50);
        expect(alignmentMs(everyMs, offsetMs) % everyMs === 0).toBe(true);
      },
    ),
  );
});

test('a round that contradicts the clock is placed by the clock', () => {
  const made = result(1, { startMs: 1_700_000_000_500, round: 7 });
  expect(placeOf(made, { everyMs: 1_000 }, null, 0)).toMatchObject({ roundStartMs: 1_700_000_000_000 });
});

test('the rounds of two stretches are those of both together', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7_000 }),
      fc.nat(1e6),
      fc.nat(1e5),
      fc.nat(1e5),
      (everyMs, fromMs, first, second) => {
        const middle = fromMs + first;
        const to = middle + second;
        const parts = roundsBetween(everyMs, fromMs, middle) + roundsBetween(everyMs, middle, to);
        expect(parts).toBe(roundsBetween(everyMs, fromMs, to));
      },
    ),
  );
});
