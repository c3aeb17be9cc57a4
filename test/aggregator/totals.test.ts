import fc from 'fast-check';
import { expect, test } from 'vitest';
import { missingIn, type Slice, sumsOf } from '../../aggregator/slices/slice.ts';
import { type SliceTable, sliceTable } from '../../aggregator/slices/table.ts';
import { totalFamilies } from '../../aggregator/totals/families.ts';
import { type KeptTotals, keptTotals } from '../../aggregator/totals/kept.ts';

const hourMs = 3_600_000;
const retentionMs = 7 * 24 * hourMs;
const t0 = 1_700_000_000_000;
const key = { checkId: 'home', vantage: 'us', burst: '' };

type Disk = { saved: string | null; slices: readonly Slice[] };

function open(disk: Disk): KeptTotals & { readonly table: SliceTable } {
  const table = sliceTable({ retentionMs, maxSamples: 100 });
  const kept = keptTotals(table, { keeping: { retentionMs }, saved: disk.saved, save: (text) => (disk.saved = text) });
  for (const slice of disk.slices) kept.slices.restore(key, structuredClone(slice), sumsOf(slice));
  return { ...kept, table };
}
function slicesOf(table: SliceTable): readonly Slice[] {
  return (table.of(key)?.tiers ?? []).flatMap((tier) => [...tier.values()]);
}
function totalOf(kept: KeptTotals) {
  const [total] = [...kept.rows()];
  const regions = [...(total?.regions.values() ?? [])];
  return {
    good: regions.reduce((sum, { good }) => sum + good, 0),
    bad: regions.reduce((sum, { bad }) => sum + bad, 0),
    timed: regions.reduce((sum, { durations }) => sum + durations.count, 0),
    missing: [...(total?.missing.values() ?? [])].reduce((sum, results) => sum + results, 0),
  };
}
function sumOf(slices: readonly Slice[]) {
  const sum = { good: 0, bad: 0, timed: 0, missing: 0 };
  for (const slice of slices) {
    sum.missing += missingIn(slice);
    for (const { good, bad, durations } of slice.regions.values()) {
      sum.good += good;
      sum.bad += bad;
      sum.timed += durations.count;
    }
  }
  return sum;
}

const change = fc.record({
  what: fc.constantFrom('good', 'bad', 'missing', 'expect', 'excuse', 'restart'),
  atMs: fc.integer({ min: 0, max: 40_000 }),
  results: fc.integer({ min: -3, max: 12 }),
});
type Change = { readonly what: string; readonly atMs: number; readonly results: number };

function apply({ slices }: KeptTotals, { what, atMs, results }: Change): void {
  const base = { region: 'eu', missing: null, durationMs: 20 };
  if (what === 'good' || what === 'bad') slices.add(key, t0 + atMs, { ...base, outcome: what });
  else if (what === 'missing') slices.add(key, t0 + atMs, { ...base, outcome: 'missing', missing: 'shed' });
  else if (what === 'expect') slices.expect(key, t0 + atMs, results, 'agent-gone');
  else slices.excuse(key, 'eu', t0 + atMs);
}

test('the sums are those of the slices, whatever comes in and however often it starts anew', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const disk: Disk = { saved: null, slices: [] };
      let kept = open(disk);
      for (const one of changes) {
        if (one.what === 'restart') kept = open({ ...disk, slices: slicesOf(kept.table) });
        else apply(kept, one);
      }
      expect(totalOf(kept)).toEqual(sumOf(slicesOf(kept.table)));
    }),
  );
});

test('they stay when slices grow wider and when they are forgotten, also over a kill in between', () => {
  const disk: Disk = { saved: null, slices: [] };
  const kept = open(disk);
  for (let index = 0; index < 400; index += 1) {
    apply(kept, { what: index % 7 === 0 ? 'bad' : 'good', atMs: index * 997, results: 0 });
    if (index % 10 === 0) apply(kept, { what: 'expect', atMs: index * 997, results: 12 });
  }
  const want = totalOf(kept);
  for (const afterMs of [3 * hourMs, 3 * 24 * hourMs]) {
    kept.slices.compact(t0 + afterMs);
    expect(totalOf(kept)).toEqual(want);
    expect(sumOf(slicesOf(kept.table))).toEqual(want);
  }
  disk.slices = slicesOf(kept.table).map((slice) => structuredClone(slice));
  kept.slices.compact(t0 + retentionMs + 3 * hourMs);
  expect(slicesOf(kept.table)).toEqual([]);
  expect(totalOf(kept)).toEqual(want);
  // What was saved is there, and so are the slices that a kill kept from being deleted.
  expect(totalOf(open(disk))).toEqual(want);
  expect(totalOf(open({ ...disk, slices: [] }))).toEqual(want);
});

test('results of bursts are in no sum', () => {
  const kept = open({ saved: null, slices: [] });
  const result = { region: 'eu', outcome: 'good', missing: null, durationMs: 1 } as const;
  kept.slices.add({ ...key, burst: 'b' }, t0, result);
  expect(totalOf(kept)).toEqual({ good: 0, bad: 0, timed: 0, missing: 0 });
});

test('a series that was written once is there for ever, with labels that do not change', () => {
  const disk: Disk = { saved: null, slices: [] };
  const kept = open(disk);
  const check = {
    id: 'home',
    name: 'home',
    target: '',
    region: 'eu',
    entry: null,
    kind: 'http',
    everyMs: 1,
    sinceMs: 0,
  };
  const series = (of: KeptTotals): readonly string[] =>
    totalFamilies({ rows: of.rows, check: () => check, agents: () => [] }).flatMap(({ samples }) =>
      samples.map(({ name, labels }) => JSON.stringify([name, labels])),
    );
  apply(kept, { what: 'bad', atMs: 0, results: 0 });
  const before = series(kept);
  apply(kept, { what: 'excuse', atMs: 0, results: 0 });
  apply(kept, { what: 'expect', atMs: 0, results: 9 });
  expect(series(kept)).toEqual(before);
  expect(before.filter((text) => text.includes('missing')).length).toBe(6);
});
