/** Budgets by slices of time, over merging and restarts: recomputed from what is on disk to the same answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { folding, restoreSlices } from '../../../aggregator/slices/folding.ts';
import { type SliceTable, sliceTable } from '../../../aggregator/slices/table.ts';
import { packSlices } from '../../../aggregator/store/packed-slices.ts';
import { openForWriting } from '../../../aggregator/store/schema.ts';
import { writerOf } from '../../../aggregator/store/writer.ts';
import type { Objective } from '../../../contract/objective.ts';
import { drillReport } from '../../fakes/drill-report.ts';
import { availability, bad, dayMs, good, hourMs, t0, type World, world } from './world.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

const limits = { retentionMs: 40 * dayMs, maxSamples: 100_000 };

/** What a process finds that starts on what this one has written. */
async function restarted(slices: SliceTable, nowMs: () => number, spoil = ''): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-'));
  endings.push(() => rmSync(dir, { recursive: true, force: true }));
  const database = openForWriting(join(dir, 'aggregator.sqlite'));
  try {
    await folding(slices, async (fold) => writerOf(database).fold(fold)).fold(1, []);
    if (spoil !== '') database.exec(spoil);
    const table = sliceTable(limits);
    restoreSlices(table, packSlices(database));
    return world(nowMs, table);
  } finally {
    database.close();
  }
}

const minutes: Objective = {
  ...availability,
  id: 'minutes',
  windowMs: 30 * dayMs,
  indicator: { kind: 'availability', target: 0.95 },
  timeSlices: { sliceMs: 60_000, target: 0.9 },
};
const objectives: readonly Objective[] = [
  minutes,
  { ...minutes, id: 'fives', timeSlices: { sliceMs: 300_000, target: 0.9 }, missing: 'bad' },
  { ...minutes, id: 'hours', timeSlices: { sliceMs: hourMs, target: 0.9 }, missing: 'hold' },
  { ...minutes, id: 'us', region: 'us' },
  { ...minutes, id: 'residency', indicator: { kind: 'residency', target: 0.9 } },
  { ...minutes, id: 'quick', indicator: { kind: 'latency-under', limitMs: 125, target: 0.9 } },
  {
    ...minutes,
    id: 'left-out',
    exclusions: [{ fromMs: t0 + 1_830_000, toMs: t0 + 2_400_000, because: 'works' }],
  },
  { ...minutes, id: 'undrilled', drills: 'excluded', timeSlices: { sliceMs: 300_000, target: 0.9 } },
];
/** It ends within a slice of time, and in another hour than it began in. */
const drills = [{ ...drillReport('lose-us', t0 + 3_000_000, []), endedMs: t0 + hourMs + 70_000 }];

test('after any history a restart gives the verdicts that were given before, of now and of past moments', async () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 3 * hourMs }),
    lateMs: fc.integer({ min: 0, max: dayMs }),
    outcome: fc.constantFrom('good', 'slow', 'bad', 'leak'),
    region: fc.constantFrom('us', 'eu'),
    vantage: fc.constantFrom('v1', 'v2'),
    results: fc.integer({ min: 1, max: 12 }),
    missing: fc.integer({ min: 0, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 10, maxLength: 60 }), async (events) => {
      let nowMs = t0;
      const here = world(() => nowMs);
      const kept = here.verdicts(objectives, drills);
      for (const { afterMs, lateMs, outcome, region, vantage, results, missing } of events) {
        nowMs += afterMs;
        const atMs = Math.max(t0, nowMs - lateMs);
        const key = { checkId: 'home/us', vantage, burst: '' };
        for (let index = 0; index < results; index += 1) {
          const isGood = outcome === 'good' || outcome === 'slow';
          here.add(atMs, { ...(isGood ? good : bad), region, durationMs: outcome === 'slow' ? 130 : 20 }, vantage);
          if (outcome === 'leak') here.slices.leaked(key, region, atMs, 1);
        }
        here.expect(atMs, results + missing, vantage);
        kept.look(nowMs);
        here.slices.compact(nowMs);
      }
      nowMs += 4 * dayMs;
      kept.look(nowMs);
      here.slices.compact(nowMs);
      const again = await restarted(here.slices, () => nowMs);
      const anew = again.verdicts(objectives, drills);
      for (const backMs of [0, dayMs, 4 * dayMs, 5 * dayMs]) {
        expect(anew.at(nowMs - backMs)).toEqual(kept.at(nowMs - backMs));
      }
    }),
    { numRuns: 20 },
  );
}, 30_000);

function hourly(here: World): void {
  for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) {
    const minute = Math.floor((atMs - t0) / 60_000);
    for (let index = 0; index < 6; index += 1) here.add(atMs, minute < 3 ? bad : good);
    here.expect(atMs, 6);
  }
}

test('an hour that was merged says in which minutes its failures lay, to objectives that came later too', async () => {
  const nowMs = t0 + 4 * dayMs;
  const here = world(() => nowMs);
  hourly(here);
  here.slices.compact(nowMs);
  const again = await restarted(here.slices, () => nowMs);
  const [found] = again.verdicts([minutes]).at(nowMs);
  expect(found).toMatchObject({ n: 60, measured: 57 / 60 });
  expect(found?.because).not.toContain('not known');
  // Slices of a fifth of that are spoilt as one.
  const fives = { ...minutes, timeSlices: { sliceMs: 300_000, target: 0.9 } };
  expect(again.verdicts([fives]).at(nowMs)[0]).toMatchObject({ n: 12, measured: 11 / 12 });
});

test('merging changes no verdict, whatever is missing, left out or a leak', () => {
  let nowMs = t0 + 6 * hourMs;
  const here = world(() => nowMs);
  for (let atMs = t0; atMs < nowMs; atMs += 10_000) {
    const minute = Math.floor((atMs - t0) / 60_000);
    if (minute % 13 === 5) {
      here.expect(atMs, 6);
      continue;
    }
    for (let index = 0; index < 6 - (minute % 3); index += 1) here.add(atMs, minute % 7 === 0 ? bad : good);
    if (minute % 14 === 0) here.slices.leaked({ checkId: 'home/us', vantage: 'v1', burst: '' }, 'us', atMs, 1);
    here.expect(atMs, 6);
  }
  const judged = () => {
    const found = here.verdicts(objectives);
    found.look(nowMs);
    return found
      .at(nowMs)
      .map(({ id, status, n, measured, missing, interval }) => ({ id, status, n, measured, missing, interval }));
  };
  const narrow = judged();
  expect(narrow.find(({ id }) => id === 'minutes')?.missing).toBeGreaterThan(0);
  for (const days of [1, 4]) {
    nowMs = t0 + days * dayMs;
    here.slices.compact(nowMs);
    expect(judged()).toEqual(narrow);
  }
});

test('what is found missing after an hour was merged is not in its minutes, and so they are not believed', () => {
  const nowMs = t0 + 4 * dayMs;
  const here = world(() => nowMs);
  hourly(here);
  here.slices.compact(nowMs);
  const found = here.verdicts([minutes]);
  expect(found.at(nowMs)[0]).toMatchObject({ n: 60, measured: 57 / 60 });
  here.expect(t0, 100);
  expect(found.at(nowMs)[0]?.because).toContain('it is not known whether they were good');
});

test.each([
  ['of a release that did not keep minutes', 'DELETE FROM slice_detail'],
  [
    'of one that counted more without telling the minutes',
    'UPDATE slice_region SET bad = bad + 1 WHERE width_ms = 3600000',
  ],
])('a state %s gives bounds, not a guess', async (_, spoil) => {
  const nowMs = t0 + 4 * dayMs;
  const here = world(() => nowMs);
  hourly(here);
  here.slices.compact(nowMs);
  const again = await restarted(here.slices, () => nowMs, spoil);
  const [found] = again.verdicts([minutes]).at(nowMs);
  expect(found?.because).toContain('it is not known whether they were good');
  expect(found?.interval?.[0]).toBeLessThan(57 / 60);
});

test('what is written of quiet minutes is short', async () => {
  const nowMs = t0 + 4 * dayMs;
  const here = world(() => nowMs);
  for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) here.add(atMs, good);
  here.slices.compact(nowMs);
  let written = '';
  await folding(here.slices, (fold) => {
    written = fold.changed.map(({ minutes: text }) => text ?? '').join('');
    return Promise.resolve();
  }).fold(1, []);
  expect(written).toBe('{"m":[[60,0]],"r":{"us":[[60,[6,0,0]]]}}');
});
