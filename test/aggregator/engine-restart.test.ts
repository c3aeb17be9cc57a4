/** An engine over files: what the last process knew is kept apart before anything is merged. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Engine, engineOf } from '../../aggregator/engine.ts';
import { folding } from '../../aggregator/slices/folding.ts';
import { openStore } from '../../aggregator/store/store.ts';
import type { Objective } from '../../contract/objective.ts';
import { fakeClock } from '../fakes/clock.ts';
import { drillReport, entryReport } from '../fakes/drill-report.ts';
import { atEnd, httpCheck, stateDir } from './harness.ts';
import { availability, dayMs, hourMs } from './slo/world.ts';

const fromMs = 472_200 * hourMs;
const key = { checkId: 'home', vantage: 'us', burst: '' };
const good = { region: 'us-east-1', outcome: 'good', missing: null, durationMs: 20 } as const;

const week: Objective = { ...availability, indicator: { kind: 'availability', target: 0.9 }, windowMs: 7 * dayMs };
const assignment = { version: 1, checks: [httpCheck('home', null)], regions: {}, references: [] };

type Process = { readonly engine: Engine; stop(): Promise<void> };

async function started(file: string, objectives: readonly Objective[], clock: ReturnType<typeof fakeClock>) {
  const store = await openStore(file);
  const engine = await engineOf(store, { assignment, objectives }, clock, () => undefined);
  let isOpen = true;
  const stop = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await folding(engine.slices, (fold) => store.fold(fold)).fold(0, []);
    await store.close();
  };
  atEnd(stop);
  return { engine, stop, store } satisfies Process & { readonly store: typeof store };
}

function told({ engine }: Process, atMs: number) {
  return engine.verdicts.at(atMs).map(({ id, n, measured, status, missing }) => ({ id, n, measured, status, missing }));
}

test('drills, exclusions and limits of slices of time that it knows from before hold for what it merges at its start', async () => {
  const file = join(stateDir(), 'aggregator.sqlite');
  const clock = fakeClock(fromMs + 2 * hourMs);
  const exclusions = [{ fromMs: fromMs + 1_200_000, toMs: fromMs + 1_500_000, because: 'works' }];
  const quick: Objective = { ...week, id: 'quick', indicator: { kind: 'latency-under', limitMs: 125, target: 0.9 } };
  const objectives: readonly Objective[] = [
    { ...week, windowMs: dayMs, drills: 'excluded', exclusions },
    { ...quick, windowMs: dayMs, drills: 'excluded', timeSlices: { sliceMs: 60_000, target: 0.9 } },
  ];
  const before = await started(file, objectives, clock);
  for (let atMs = fromMs; atMs < fromMs + 2 * hourMs; atMs += 10_000) {
    const minute = Math.floor((atMs - fromMs) / 60_000);
    const outcome = minute >= 20 && minute < 30 ? 'bad' : 'good';
    before.engine.slices.add(key, atMs, { ...good, outcome, durationMs: minute === 70 ? 130 : 20 });
  }
  const drill = { ...drillReport('lose-us-east-1', fromMs + 1_500_000, []), endedMs: fromMs + 1_800_000 };
  await before.store.saveDrill(drill.id, drill.startedMs, drill.endedMs, JSON.stringify(drill), null);
  before.engine.verdicts.drilled(drill);
  const then = told(before, fromMs + 2 * hourMs);
  expect(then).toMatchObject([
    { n: 660, measured: 1 },
    { n: 115, measured: 109 / 115 },
  ]);
  await before.stop();

  await clock.advance(4 * dayMs);
  const after = await started(file, objectives, clock);
  expect(after.engine.slices.of(key)?.tiers.map(({ size }) => size)).toEqual([0, 60, 1]);
  expect(told(after, fromMs + 2 * hourMs)).toEqual(then);
});

test('after a reload with a longer window slices are kept for it; with a shorter one nothing is forgotten', async () => {
  const clock = fakeClock(fromMs);
  const process = await started(join(stateDir(), 'aggregator.sqlite'), [week], clock);
  const { engine } = process;
  for (let atMs = fromMs; atMs < fromMs + hourMs; atMs += 60_000) engine.slices.add(key, atMs, good);
  const month = { ...week, windowMs: 30 * dayMs };
  await engine.replace({ assignment, objectives: [month] });
  expect(engine.retentionMs).toBe(31 * dayMs);
  await clock.advance(20 * dayMs);
  engine.slices.compact(clock.nowMs());
  expect(told(process, clock.nowMs())).toMatchObject([{ n: 60 }]);
  await engine.replace({ assignment, objectives: [week] });
  engine.slices.compact(clock.nowMs());
  await engine.replace({ assignment, objectives: [month] });
  expect(told(process, clock.nowMs())).toMatchObject([{ n: 60 }]);
});

test('after a restart all drills of the window are known to verdicts, however many there were', async () => {
  const file = join(stateDir(), 'aggregator.sqlite');
  const count = 260;
  const clock = fakeClock(fromMs);
  const failover = { kind: 'failover', limitMs: 8_000, target: 0.9 } as const;
  const objectives: readonly Objective[] = [
    { ...week, drills: 'excluded', windowMs: 30 * dayMs },
    { ...week, id: 'failover', indicator: failover, windowMs: 30 * dayMs },
  ];
  const before = await started(file, objectives, clock);
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const startMs = fromMs + index * hourMs;
      const report = drillReport('lose-us-east-1', startMs, [entryReport('api', 'us', ['eu'])]);
      const drill = { ...report, id: `lose-us-east-1-${index}`, endedMs: startMs + 600_000 };
      for (let minute = 0; minute < 60; minute += 5) {
        const outcome = minute < 10 ? 'bad' : 'good';
        before.engine.slices.add(key, startMs + minute * 60_000, { ...good, outcome });
      }
      before.engine.verdicts.drilled(drill);
      await before.store.saveDrill(drill.id, drill.startedMs, drill.endedMs, JSON.stringify(drill), null);
    }),
  );
  await clock.advance(count * hourMs);
  const then = told(before, clock.nowMs());
  expect(then).toMatchObject([
    { n: count * 10, measured: 1 },
    { n: count, measured: 1, status: 'pass' },
  ]);
  await before.stop();

  const after = await started(file, objectives, clock);
  for (const { id } of objectives) after.engine.verdicts.one(id, clock.nowMs());
  expect(told(after, clock.nowMs())).toEqual(then);
  expect(after.store.loaded.drills).toHaveLength(200);
  await after.stop();

  // With a shorter window only as much is read; a reload with the long one finds the others again.
  await clock.advance(2 * dayMs);
  const short = await started(
    file,
    objectives.map((one) => ({ ...one, windowMs: dayMs })),
    clock,
  );
  expect(told(short, clock.nowMs())).toMatchObject([{ n: 0 }, { n: 0 }]);
  await short.engine.replace({ assignment, objectives });
  expect(told(short, clock.nowMs())[1]).toMatchObject({ id: 'failover', n: count, measured: 1 });
});
