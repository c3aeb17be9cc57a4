import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folding, restoreSlices } from '../../aggregator/slices/folding.ts';
import { type SliceTable, sliceTable } from '../../aggregator/slices/table.ts';
import { packSlices } from '../../aggregator/store/packed-slices.ts';
import { openForWriting } from '../../aggregator/store/schema.ts';
import { writerOf } from '../../aggregator/store/writer.ts';

const limits = { retentionMs: 30 * 86_400_000, maxSamples: 1_000 };
const home = { checkId: 'home', vantage: 'us', burst: '' };
const result = { region: 'us-east-1', outcome: 'good' as const, missing: null, durationMs: 20 };

function filled(): SliceTable {
  const table = sliceTable(limits);
  for (let atMs = 0; atMs < 60_000; atMs += 1_000) {
    table.add(home, atMs, { ...result, durationMs: 1 + atMs / 100 });
    table.add({ ...home, vantage: 'eu' }, atMs, { ...result, region: atMs % 3_000 === 0 ? '' : 'eu' });
  }
  table.add(home, 5_000, { ...result, outcome: 'missing', missing: 'bad-sample' });
  table.add({ ...home, burst: 'b1' }, 5_000, { ...result, outcome: 'bad' });
  table.expect(home, 10_000, 14, 'shed');
  return table;
}

function shown(table: SliceTable): unknown {
  return [...table.series()]
    .map(({ checkId, vantage, burst, tiers }) => ({
      id: [checkId, vantage, burst],
      slices: tiers.flatMap((tier) =>
        [...tier.values()].map(({ atMs, widthMs, expected, remainder, regions }) => ({
          ...{ atMs, widthMs, expected, remainder },
          regions: [...regions]
            .map(([region, { good, bad, missing, durations }]) => [region, good, bad, [...missing], durations])
            .sort(),
        })),
      ),
    }))
    .sort((a, b) => (a.id.join() < b.id.join() ? -1 : 1));
}

test('slices come back from the disk as they were, and so do the sums of their vantages', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-'));
  const database = openForWriting(join(dir, 'aggregator.sqlite'));
  try {
    const before = filled();
    const sums = (table: SliceTable) => ['us', 'eu'].map((vantage) => table.sums()(vantage));
    expect(sums(before)).toEqual([
      { expected: 65, missing: 5 },
      { expected: 60, missing: 0 },
    ]);
    await folding(before, async (fold) => writerOf(database).fold(fold)).fold(1, []);
    const after = sliceTable(limits);
    restoreSlices(after, packSlices(database));
    expect(sums(after)).toEqual(sums(before));
    expect(shown(after)).toEqual(shown(before));
    after.compact(3 * 3_600_000);
    expect(sums(after)).toEqual(sums(before));
    after.compact(40 * 86_400_000);
    after.compact(80 * 86_400_000);
    expect(sums(after)).toEqual([
      { expected: 0, missing: 0 },
      { expected: 0, missing: 0 },
    ]);
  } finally {
    database.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
