import { describe, expect, test } from 'vitest';
import { failoverAccount, failoversOf } from '../../../aggregator/slo/failover.ts';
import type { Bounds } from '../../../contract/bounds.ts';
import type { DrillReport, EntryReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import type { Verdict } from '../../../contract/verdict.ts';
import { drillReport, entryReport } from '../../fakes/drill-report.ts';
import { availability, bad, dayMs, good, hourMs, t0, type World, world } from './world.ts';

function judged(objective: Objective, atMs: number, fill: (here: World) => void, drills: readonly DrillReport[] = []) {
  const here = world(() => atMs);
  fill(here);
  return here.verdicts([objective], drills).at(atMs)[0] as Verdict;
}

/** One result a second. */
function every(here: World, fromMs: number, toMs: number, result = good): void {
  for (let atMs = fromMs; atMs < toMs; atMs += 1_000) here.add(atMs, result);
}

describe('latency under a limit', () => {
  const objective: Objective = { ...availability, indicator: { kind: 'latency-under', limitMs: 100, target: 0.9 } };
  const fill = (here: World) => {
    every(here, t0, t0 + 900_000);
    every(here, t0 + 900_000, t0 + 950_000, { ...good, durationMs: 101 });
    every(here, t0 + 950_000, t0 + 1_000_000, bad);
  };

  test('counts what is good and fast, of all', () => {
    const found = judged(objective, t0 + hourMs, fill);
    expect(found).toMatchObject({ n: 1_000, measured: 0.9, status: 'inconclusive' });
  });

  test('between two buckets allows for both sides of the bucket, once single durations are gone', () => {
    const atMs = t0 + dayMs;
    const here = world(() => atMs);
    fill(here);
    here.slices.compact(atMs);
    // 100 ms lies in the bucket from 96.4 to 105.1 ms, where the fifty of 101 ms are.
    const [between] = here.verdicts([{ ...objective, windowMs: 2 * dayMs }]).at(atMs);
    expect(between).toMatchObject({ n: 1_000, measured: 0.925, needed: null });
    expect(between?.because).toContain('of 50 it is not known whether they were good');
    expect(between?.interval?.[0]).toBeLessThan(0.9);
    expect(between?.interval?.[1]).toBeGreaterThan(0.95);
    const onBound: Objective = { ...objective, indicator: { kind: 'latency-under', limitMs: 125, target: 0.9 } };
    const [at] = here.verdicts([{ ...onBound, windowMs: 2 * dayMs, burstMs: 1_000 }]).at(atMs);
    expect(at).toMatchObject({ n: 1_000, measured: 0.95, status: 'pass' });
  });
});

describe('a quantile', () => {
  const objective: Objective = { ...availability, indicator: { kind: 'latency', quantile: 0.9, targetMs: 93 } };
  const fill = (here: World) => {
    for (let index = 0; index < 1_000; index += 1)
      here.add(t0 + index * 1_000, { ...good, durationMs: 1 + (index % 100) });
  };

  test('is exact while single durations are kept, and includes the width of its buckets after', () => {
    const exact = judged(objective, t0 + hourMs, fill);
    expect(exact).toMatchObject({ n: 1_000, measured: 90, status: 'pass' });
    const atMs = t0 + dayMs;
    const here = world(() => atMs);
    fill(here);
    here.slices.compact(atMs);
    const [merged] = here.verdicts([{ ...objective, windowMs: 2 * dayMs }]).at(atMs);
    expect(merged?.interval?.[0]).toBeLessThanOrEqual(exact.interval?.[0] ?? 0);
    expect(merged?.interval?.[1]).toBeGreaterThanOrEqual(exact.interval?.[1] ?? 0);
    expect(merged).toMatchObject({ n: 1_000, status: 'inconclusive', needed: null });
    expect(merged?.because).toContain('the target lies within the bucket');
  });

  test('with a longest burst stated has fewer samples to go by', () => {
    const found = judged({ ...objective, burstMs: 10_000 }, t0 + 1_000_000, fill);
    expect(found.because).toContain('11 samples count as one');
    expect(found.interval?.[1]).toBeGreaterThan(judged(objective, t0 + 1_000_000, fill).interval?.[1] ?? 0);
  });

  test('of replication lag is the same of what its checks measure', () => {
    const lag: Objective = { ...objective, indicator: { kind: 'replication-lag', quantile: 0.9, targetMs: 93 } };
    expect(judged(lag, t0 + hourMs, fill)).toEqual(judged(objective, t0 + hourMs, fill));
  });
});

describe('freshness', () => {
  const objective: Objective = { ...availability, indicator: { kind: 'freshness', limitMs: 60_000, target: 0.9 } };

  test('is the share of time in which the newest good result is young enough', () => {
    const found = judged(objective, t0 + hourMs, (here) => {
      every(here, t0, t0 + 1_800_000);
      every(here, t0 + 1_800_000, t0 + hourMs, bad);
    });
    // Stale from a minute after the last good result on; for one step nobody knows.
    expect(found.n).toBe(360);
    expect(found.measured).toBeCloseTo((180 + 5.5) / 360, 9);
    expect(found.status).toBe('fail');
  });

  test('silence is missing, not stale: it may be the vantage that is silent', () => {
    const found = judged(objective, t0 + hourMs, (here) => {
      every(here, t0, t0 + 1_800_000);
      for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) here.expect(atMs, 10);
    });
    expect(found.missing).toBe(174);
    expect(found.could?.worst.status).toBe('fail');
    expect(found.could?.best.status).toBe('pass');
  });

  test('is the same share of time at one probe a minute, and stays it when slices are merged', () => {
    const nowMs = t0 + 6 * hourMs;
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < nowMs; atMs += 60_000) {
      const isOut = atMs >= t0 + hourMs && atMs < t0 + 2 * hourMs;
      here.add(atMs, isOut ? bad : good);
    }
    const fiveMinutes: Objective = { ...objective, windowMs: 6 * hourMs };
    const limited: Objective = { ...fiveMinutes, indicator: { kind: 'freshness', limitMs: 300_000, target: 0.9 } };
    const before = here.verdicts([limited]).at(nowMs)[0];
    here.slices.compact(nowMs);
    const merged = here.verdicts([limited]).at(nowMs)[0];
    // Six steps a minute, but for the minute that is not over.
    expect(before?.n).toBe(6 * 359 + 1);
    expect(merged?.n).toBe(before?.n);
    // Stale from five minutes after the last good result to the next one.
    expect(before?.measured).toBeCloseTo(1 - (6 * 56 - 1) / 2_155, 3);
    expect(merged?.measured).toBeCloseTo(before?.measured ?? Number.NaN, 2);
  });

  test('of merged slices allows for where in them the failures were', () => {
    const atMs = t0 + 3 * dayMs;
    const here = world(() => atMs);
    every(here, t0, t0 + 1_800_000);
    every(here, t0 + 1_800_000, t0 + 2_100_000, bad);
    every(here, t0 + 2_100_000, t0 + hourMs);
    const month: Objective = { ...objective, windowMs: 30 * dayMs, burstMs: 10_000 };
    const before = here.verdicts([month]).at(atMs)[0];
    here.slices.compact(atMs);
    const after = here.verdicts([month]).at(atMs)[0];
    expect(after?.interval?.[0]).toBeLessThanOrEqual(before?.interval?.[0] ?? 0);
    expect(after?.interval?.[1]).toBeGreaterThanOrEqual(before?.interval?.[1] ?? 1);
  });
});

describe('a budget by slices of time', () => {
  const objective: Objective = {
    ...availability,
    indicator: { kind: 'availability', target: 0.95 },
    timeSlices: { sliceMs: 60_000, target: 0.9 },
  };
  const fill = (here: World) => {
    for (let minute = 0; minute < 60; minute += 1) {
      const fromMs = t0 + minute * 60_000;
      const failed = minute < 2 ? 60 : minute < 10 ? 6 : 0;
      every(here, fromMs, fromMs + failed * 1_000, bad);
      every(here, fromMs + failed * 1_000, fromMs + 60_000);
    }
  };

  test('counts each slice once, good when enough of its results are', () => {
    // Two minutes failed altogether; eight had exactly the 90 % that they need.
    expect(judged(objective, t0 + hourMs, fill)).toMatchObject({ n: 60, measured: 58 / 60, status: 'inconclusive' });
  });

  test('stays exact in merged hours, and is recomputed from them to the same answer', () => {
    let nowMs = t0 + hourMs;
    const here = world(() => nowMs);
    fill(here);
    const month: Objective = { ...objective, windowMs: 30 * dayMs };
    const kept = here.verdicts([month]);
    kept.look(nowMs);
    nowMs = t0 + 5 * hourMs;
    here.slices.compact(nowMs);
    kept.look(nowMs);
    nowMs = t0 + 4 * dayMs;
    here.slices.compact(nowMs);
    expect(kept.at(nowMs)[0]).toMatchObject({ n: 60, measured: 58 / 60 });
    expect(here.verdicts([month]).at(nowMs)).toEqual(kept.at(nowMs));
  });

  test('allows for every spread of an hour that got results after it was merged', () => {
    const nowMs = t0 + 4 * dayMs;
    const here = world(() => nowMs);
    fill(here);
    here.slices.compact(nowMs);
    const month: Objective = { ...objective, windowMs: 30 * dayMs };
    const kept = here.verdicts([month]);
    kept.look(nowMs);
    here.add(t0 + 1_000, bad);
    const [anew] = kept.at(nowMs);
    expect(here.verdicts([month]).at(nowMs)[0]).toEqual(anew);
    // 169 failures may have spoilt as many slices as have seven of them each: none to 24.
    expect(anew?.n).toBe(60);
    expect(anew?.because).toContain('of 24 it is not known');
    expect(anew?.interval?.[0]).toBeLessThan(58 / 60);
    expect(anew?.interval?.[1]).toBe(1);
  });

  test('a slice in which nothing came is missing', () => {
    const found = judged(objective, t0 + hourMs, (here) => {
      every(here, t0, t0 + 1_800_000);
      for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) here.expect(atMs, 10);
    });
    expect(found).toMatchObject({ n: 30, missing: 30 });
    expect(found.because).toContain('slices of');
  });
});

function drill(id: string, fromMs: number, endedMs: number | null, entries: readonly EntryReport[] = []): DrillReport {
  return { ...drillReport(id, fromMs, entries), endedMs };
}

describe('what a drill breaks', () => {
  const fill = (here: World) => {
    every(here, t0, t0 + 3_000_000);
    every(here, t0 + 3_000_000, t0 + 3_300_000, bad);
    every(here, t0 + 3_300_000, t0 + hourMs);
  };
  const drills = [drill('d1', t0 + 3_000_000, t0 + 3_300_000)];

  test.each([
    ['charged', 3_600, 'fail'],
    ['apart', 3_600, 'fail'],
    ['excluded', 3_300, 'pass'],
  ] as const)('is %s', (how, n, status) => {
    expect(judged({ ...availability, drills: how }, t0 + hourMs, fill, drills)).toMatchObject({ n, status });
  });

  test('is excluded as far as the drill has come', () => {
    const nowMs = t0 + 3_100_000;
    const here = world(() => nowMs);
    every(here, t0, t0 + 3_000_000);
    every(here, t0 + 3_000_000, nowMs, bad);
    const found = here.verdicts([{ ...availability, drills: 'excluded' }]);
    expect(found.at(nowMs)[0]?.n).toBe(3_100);
    found.drilled(drill('d1', t0 + 3_000_000, null));
    expect(found.at(nowMs)[0]).toMatchObject({ n: 3_000, status: 'pass' });
  });
});

describe('failover time', () => {
  const observed = (vantage: string, firstGood: Bounds | null): EntryReport['failover'] => ({
    stages: firstGood === null ? {} : { [vantage]: { fresh: { 'first-good': firstGood } } },
    passages: [
      {
        vantage,
        client: 'fresh',
        observed: true,
        main: {
          began: { lowerMs: 0, upperMs: 1 },
          ended: firstGood,
          length: { lowerMs: 1, upperMs: firstGood?.upperMs ?? null },
          attempts: 3,
          unseen: false,
        },
        others: [],
        servedBy: firstGood === null ? [] : ['eu'],
        gapMs: 250,
      },
    ],
  });
  const took = (id: string, firstGood: Bounds | null) =>
    drill(id, t0, t0 + hourMs, [{ ...entryReport('api', 'v1', ['eu']), failover: observed('v1', firstGood) }]);

  test('is within the limit, over it, unsure where its bounds have the limit between them, or never came', () => {
    const drills = [
      took('fast', { lowerMs: 50_000, upperMs: 51_000 }),
      took('slow', { lowerMs: 250_000, upperMs: 251_000 }),
      took('unsure', { lowerMs: 239_900, upperMs: 240_100 }),
      took('never', null),
    ];
    const account = failoverAccount(failoversOf(drills), { fromMs: t0, toMs: t0 + hourMs }, 240_000);
    expect(account).toMatchObject({ good: 1, bad: 2, unsure: 1, missing: 0 });
  });

  test('is judged over drills: few prove little, and it is said how many would', () => {
    const objective: Objective = {
      ...availability,
      windowMs: 30 * dayMs,
      indicator: { kind: 'failover', limitMs: 240_000, target: 0.9 },
    };
    const drills = Array.from({ length: 4 }, (_, index) => took(`d-${index}`, { lowerMs: 50_000, upperMs: 51_000 }));
    const found = judged(objective, t0 + dayMs, () => undefined, drills);
    expect(found).toMatchObject({ n: 4, measured: 1, status: 'inconclusive', needed: 32 });
    expect(found.because).toContain('4 drills');
  });
});
