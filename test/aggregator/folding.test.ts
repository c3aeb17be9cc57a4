import { expect, test } from 'vitest';
import { folding } from '../../aggregator/slices/folding.ts';
import { sliceTable } from '../../aggregator/slices/table.ts';
import type { Fold } from '../../aggregator/store/rows.ts';

const key = { checkId: 'home', vantage: 'us', burst: '' };
const good = { region: 'eu', outcome: 'good', missing: null, durationMs: 1 } as const;

test('a disk that fails for long makes the fold no larger, and nothing is lost or out of turn', async () => {
  const slices = sliceTable({ retentionMs: 86_400_000, maxSamples: 1_000 });
  const written: Fold[] = [];
  let isFull = true;
  let largest = 0;
  const folds = folding(slices, async (fold) => {
    largest = Math.max(largest, fold.changed.length);
    if (isFull) throw new Error('disk full');
    written.push(fold);
  });
  for (let result = 1; result <= 500; result += 1) {
    slices.add(key, (result % 3) * 10_000, good);
    await folds.fold(result, []).catch(() => undefined);
  }
  expect(largest).toBe(1);
  isFull = false;
  // What failed says up to which result it was; the rest follows.
  expect(await folds.fold(500, [])).toBe(false);
  expect(await folds.fold(500, [])).toBe(true);
  expect(written.map(({ throughId, changed }) => [throughId, changed.length])).toEqual([
    [1, 1],
    [500, 3],
  ]);
  const last = written.at(-1)?.changed.flatMap(({ regions }) => regions.map((region) => region.good)) ?? [];
  expect(last.reduce((sum, one) => sum + one, 0)).toBe(500);
});
