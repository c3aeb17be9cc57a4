import { expect, test } from 'vitest';
import { type Group, type RegionWindowDeps, regionWindows } from '../../aggregator/fleet/region-window.ts';
import { sliceTable } from '../../aggregator/slices/table.ts';
import { seededRandom } from '../../contract/random.ts';
import type { Outcome } from '../../contract/result.ts';

const regions = ['us', 'eu'];
const vantages = ['in-us', 'in-eu', 'elsewhere'];
const checks = ['a/us', 'a/eu', 'name'];
const groups: readonly Group[] = ['asking-own', 'asking-afar', 'other-own', 'other-afar'];
const startMs = 1_700_000_000_000;

function world() {
  const slices = sliceTable({ retentionMs: 86_400_000, maxSamples: 1_000_000 });
  const row = { name: 'a', target: '', entry: null, kind: 'http', everyMs: 1_000, sinceMs: 0 };
  const deps: RegionWindowDeps = {
    series: slices.series,
    version: slices.version,
    epoch: () => 1,
    check: (id) => ({ ...row, id, region: id.split('/')[1] ?? null }),
    vantageRegion: (vantage) => vantage.split('-')[1] ?? null,
  };
  return { slices, deps };
}

test('what is kept from look to look is what summing all of it up anew gives, whatever came in between', () => {
  const random = seededRandom(7);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const { slices, deps } = world();
  const kept = regionWindows(deps);
  let nowMs = startMs;
  let looks = 0;
  for (let step = 0; step < 4_000; step += 1) {
    nowMs += random() * 300;
    const key = { checkId: pick(checks), vantage: pick(vantages), burst: random() < 0.1 ? 'burst' : '' };
    // Most come at once, some late.
    const atMs = nowMs - (random() < 0.9 ? random() * 1_000 : random() * 400_000);
    const outcome: Outcome = pick(['good', 'good', 'good', 'bad', 'missing']);
    slices.add(key, atMs, { region: pick(regions), outcome, missing: null, durationMs: random() * 900 });
    if (random() < 0.05) slices.excuse(key, pick(regions), atMs);
    if (random() < 0.02) slices.takeChanges();
    if (random() > 0.03) continue;
    looks += 1;
    const looked = kept(nowMs);
    const anew = regionWindows(deps)(nowMs);
    for (const region of regions)
      for (const group of groups) expect(looked.sum(region, [group])).toEqual(anew.sum(region, [group]));
  }
  expect(looks).toBeGreaterThan(50);
  expect(kept(nowMs).sum('us', groups).good).toBeGreaterThan(100);
});

test('only ordinary results of the last five minutes count, each for the region that answered, by who asked whom from where', () => {
  const { slices, deps } = world();
  const add = (checkId: string, vantage: string, atMs: number, region: string, burst = ''): void =>
    slices.add({ checkId, vantage, burst }, atMs, { region, outcome: 'good', missing: null, durationMs: 20 });
  add('a/us', 'in-us', startMs, 'us');
  add('a/us', 'in-eu', startMs, 'us');
  add('name', 'in-us', startMs, 'us');
  add('name', 'elsewhere', startMs, 'us');
  add('a/us', 'in-us', startMs, 'us', 'burst');
  add('a/us', 'in-us', startMs - 320_000, 'us');
  const { asked, sum } = regionWindows(deps)(startMs + 1_000);
  expect(asked).toEqual(new Set(['us']));
  expect(groups.map((group) => sum('us', [group]).good)).toEqual([1, 1, 1, 1]);
  expect(sum('us', groups)).toMatchObject({ good: 4, bad: 0, samplesMs: [20, 20, 20, 20] });
  expect(sum('eu', groups)).toMatchObject({ good: 0, bad: 0, samplesMs: [] });
});

test('of very many results durations are known by their buckets alone', () => {
  const { slices, deps } = world();
  const key = { checkId: 'a/us', vantage: 'in-us', burst: '' };
  for (let index = 0; index < 1_000; index += 1)
    slices.add(key, startMs, { region: 'us', outcome: 'good', missing: null, durationMs: index });
  const { durations, samplesMs, good } = regionWindows(deps)(startMs).sum('us', ['asking-own']);
  expect({ good, samplesMs, count: durations.count }).toEqual({ good: 1_000, samplesMs: null, count: 1_000 });
});
