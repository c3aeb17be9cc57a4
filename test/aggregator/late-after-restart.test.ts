import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineOf } from '../../aggregator/engine.ts';
import { folding } from '../../aggregator/slices/folding.ts';
import { sliceTable } from '../../aggregator/slices/table.ts';
import { openStore } from '../../aggregator/store/store.ts';
import { fakeClock } from '../fakes/clock.ts';

const hourMs = 3_600_000;
const fromMs = 472_222 * hourMs;
const key = { checkId: 'home', vantage: 'us', burst: '' };

test('results of an hour that was declared missing are missing no more, also when they come right after a restart', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-'));
  const file = join(dir, 'aggregator.sqlite');
  const clock = fakeClock(fromMs + 4 * hourMs);
  try {
    const before = sliceTable({ retentionMs: 30 * 24 * hourMs, maxSamples: 1_000 });
    for (let atMs = fromMs; atMs < fromMs + hourMs; atMs += 10_000) before.expect(key, atMs, 1, 'agent-gone');
    before.compact(clock.nowMs());
    const written = await openStore(file);
    await folding(before, (fold) => written.fold(fold)).fold(0, []);
    await written.close();

    const store = await openStore(file);
    const plan = { assignment: { version: 1, checks: [], regions: {}, references: [] }, objectives: [] };
    const { slices } = await engineOf(store, plan, clock, () => undefined);
    expect(slices.sums()('us')).toEqual({ expected: 360, missing: 360 });
    for (let atMs = fromMs; atMs < fromMs + hourMs; atMs += 10_000) {
      slices.add(key, atMs, { region: 'us-east-1', outcome: 'good', missing: null, durationMs: 20 });
    }
    expect(slices.sums()('us')).toEqual({ expected: 360, missing: 0 });
    slices.compact(clock.nowMs() + 60_000);
    expect(slices.sums()('us')).toEqual({ expected: 360, missing: 0 });
    await store.close();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
