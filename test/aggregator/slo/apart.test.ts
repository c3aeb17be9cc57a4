/** What drills and exclusions cover, and only that, is counted apart, however slices are merged. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyCounts, emptySlice } from '../../../aggregator/slices/slice.ts';
import { ledgerOf } from '../../../aggregator/slo/ledger.ts';
import { nothingApart } from '../../../aggregator/slo/lines.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import { continued } from '../../../contract/slo/spans.ts';
import { drillReport } from '../../fakes/drill-report.ts';
import { availability, bad, dayMs, good, hourMs, t0, type World, world } from './world.ts';

const week: Objective = { ...availability, windowMs: 7 * dayMs };

function drill(fromMs: number, endedMs: number): DrillReport {
  return { ...drillReport(`d${fromMs}`, fromMs, []), endedMs };
}

function excluding(fromMs: number, toMs: number, id = 'up'): Objective {
  return { ...week, id, exclusions: [{ fromMs, toMs, because: 'works' }] };
}

function widths(here: World): readonly number[] {
  return [...here.slices.series()].flatMap(({ tiers }) => tiers.map((tier) => tier.size));
}

describe('a slice of time that a drill covers in part', () => {
  /** Ten seconds at the beginning of each of three minutes; after two of them the service is down for the other fifty. */
  const drills = [0, 1, 2].map((minute) => drill(t0 + minute * 60_000, t0 + minute * 60_000 + 10_000));
  const minutes: Objective = {
    ...availability,
    indicator: { kind: 'availability', target: 0.9 },
    timeSlices: { sliceMs: 60_000, target: 0.9 },
  };
  const nowMs = t0 + hourMs;

  function found(objective: Objective) {
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < nowMs; atMs += 10_000) {
      const isDrill = atMs < t0 + 180_000 && atMs % 60_000 === 0;
      here.add(atMs, isDrill || atMs < t0 + 120_000 ? bad : good);
    }
    const explained = here.verdicts([objective], drills).one('up', nowMs);
    return { ...explained?.verdict, budget: explained?.budget };
  }

  test('is judged by the rest of it, and does not hide what fails after the drill', () => {
    expect(found({ ...minutes, drills: 'excluded' })).toMatchObject({ n: 60, measured: 58 / 60 });
  });

  test.each(['charged', 'apart'] as const)('counts once more for the drill where drills are %s', (how) => {
    const { n, measured, budget } = found({ ...minutes, drills: how });
    expect([n, measured]).toEqual([63, 58 / 63]);
    expect((budget?.spent ?? 0) / (budget?.spentByDrills ?? 1)).toBeCloseTo(how === 'charged' ? 5 / 3 : 2 / 3, 9);
  });
});

describe('slices', () => {
  test('in a long exclusion are merged but for those at its ends, and it is still left out exactly', () => {
    let nowMs = t0;
    const here = world(() => nowMs);
    const objective = excluding(t0 + hourMs + 90_000, t0 + dayMs + 2 * hourMs);
    const kept = here.verdicts([objective]);
    for (; nowMs < t0 + dayMs + 3 * hourMs; nowMs += 10_000) {
      here.add(nowMs, nowMs >= t0 + hourMs + 90_000 && nowMs < t0 + dayMs + 2 * hourMs ? bad : good);
    }
    const untilMs = nowMs;
    kept.look(nowMs);
    for (const days of [2, 6]) {
      nowMs = t0 + days * dayMs;
      here.slices.compact(nowMs);
      for (const found of [kept, here.verdicts([objective])]) {
        expect(found.at(untilMs)[0]).toMatchObject({ n: 360 + 9 + 360, measured: 1 });
      }
    }
    // The hour that it begins in stays in minutes, and of that the minute that it begins in.
    expect(widths(here)).toEqual([6, 59, 26]);
  });

  test('end where the exclusion of either objective does, though another covers it', () => {
    const nowMs = t0 + 5 * dayMs;
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < t0 + 3 * hourMs; atMs += 10_000) here.add(atMs, good);
    const objectives = [
      excluding(t0, t0 + hourMs + 1_800_000, 'first'),
      excluding(t0 + hourMs, t0 + 2 * hourMs, 'second'),
    ];
    const found = here.verdicts(objectives);
    here.slices.compact(nowMs);
    expect(found.at(nowMs).map(({ n }) => n)).toEqual([90 * 6, 120 * 6]);
  });

  test('are merged once nothing ends there any more', () => {
    const nowMs = t0 + 5 * dayMs;
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) here.add(atMs, good);
    const found = here.verdicts([excluding(t0, t0 + 100_000)]);
    here.slices.compact(nowMs);
    expect(widths(here)).toEqual([6, 59, 0]);
    found.replace([week]);
    here.slices.compact(nowMs);
    expect(widths(here)).toEqual([0, 0, 1]);
    expect(found.at(nowMs)[0]?.n).toBe(360);
  });
});

test('merging changes no verdict, and nor does what comes late, wherever drills and exclusions begin and end', () => {
  const spans = fc.array(
    fc.tuple(fc.nat(1.5 * dayMs), fc.oneof(fc.nat(300_000), fc.nat(12 * hourMs))).map(([afterMs, forMs]) => {
      return { fromMs: t0 + afterMs, toMs: t0 + afterMs + forMs + 1, because: 'works' };
    }),
    { minLength: 1, maxLength: 2 },
  );
  const history = fc.record({ drilled: spans, first: spans, second: spans, atMs: fc.nat(4 * dayMs), late: fc.nat(96) });
  fc.assert(
    fc.property(history, ({ drilled, first, second, atMs, late }) => {
      const slow = { kind: 'latency', quantile: 0.9, targetMs: 100 } as const;
      const sliced: Objective['timeSlices'] = { sliceMs: 300_000, target: 0.8 };
      const objectives: readonly Objective[] = [
        { ...week, id: 'a', drills: 'excluded', exclusions: first },
        { ...week, id: 'b', drills: 'excluded', exclusions: second, indicator: slow },
        { ...week, id: 'c', drills: 'apart', exclusions: second, timeSlices: sliced },
      ];
      let nowMs = t0 + 2 * dayMs;
      const pair = [0, 1].map(() => {
        const here = world(() => nowMs);
        return {
          here,
          found: here.verdicts(
            objectives,
            drilled.map(({ fromMs, toMs }) => drill(fromMs, toMs)),
          ),
        };
      });
      const told = () =>
        pair.map(({ found }) => found.at(nowMs).map(({ n, missing, measured }) => [n, missing, measured]));
      const isLate = (roundMs: number) => (roundMs / 60_000) % 97 === late;
      for (const { here } of pair) {
        for (let roundMs = 0; roundMs < 2 * dayMs; roundMs += 60_000) {
          here.expect(t0 + roundMs, 1);
          if (!isLate(roundMs)) here.add(t0 + roundMs, roundMs % 420_000 === 0 ? bad : good);
        }
      }
      nowMs += 3 * dayMs;
      for (const untilMs of [t0 + dayMs + atMs, nowMs]) pair[1]?.here.slices.compact(untilMs);
      const [apart, together] = told();
      expect(together).toEqual(apart);
      for (const { here } of pair) {
        for (let roundMs = 0; roundMs < 2 * dayMs; roundMs += 60_000) if (isLate(roundMs)) here.add(t0 + roundMs, bad);
      }
      // Of a merged hour that results come for it is no longer known in which slices of time they lie.
      const [still, then] = told().map((all) => all.slice(0, 2));
      expect(then).toEqual(still);
    }),
    { numRuns: 12 },
  );
}, 30_000);

describe('what comes late', () => {
  test('to a drill that is long over is missing no more, and counts as the drill does', () => {
    const nowMs = t0 + 5 * dayMs;
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) here.expect(atMs, 1);
    const found = here.verdicts([{ ...week, drills: 'excluded' }], [drill(t0 + 90_000, t0 + 1_800_000)]);
    here.slices.compact(nowMs);
    for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) here.add(atMs, atMs < t0 + 90_000 ? good : bad);
    expect(found.at(nowMs)[0]).toMatchObject({ n: 9 + 180, missing: 0, measured: 9 / 189 });
  });

  test('to an hour that was merged before the drill in it was told counts in that hour, where it is missing', () => {
    const nowMs = t0 + 5 * dayMs;
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) here.expect(atMs, 1);
    here.slices.compact(nowMs);
    const found = here.verdicts([week], [drill(t0, t0 + 1_800_000)]);
    for (let atMs = t0; atMs < t0 + hourMs; atMs += 10_000) here.add(atMs, good);
    expect(found.at(nowMs)[0]).toMatchObject({ n: 360, missing: 0 });
    expect(widths(here)).toEqual([0, 0, 1]);
  });

  test('is excused, and found to be a leak, where it was counted', () => {
    const nowMs = t0 + 5 * dayMs;
    const here = world(() => nowMs);
    const found = here.verdicts([week], [drill(t0, t0 + 1_800_000)]);
    here.slices.compact(nowMs);
    here.add(t0 + 10_000, bad);
    const key = { checkId: 'home/us', vantage: 'v1', burst: '' };
    here.slices.leaked(key, 'us', t0 + 10_000, 1);
    expect(here.slices.excuse(key, 'us', t0 + 10_000)).toBe('us');
    expect(found.at(nowMs)[0]).toMatchObject({ n: 0, missing: 1 });
  });
});

describe('the verdict of a past moment', () => {
  test('in an hour that begins with a drill is the one that was given then', () => {
    let nowMs = t0 - hourMs;
    const here = world(() => nowMs);
    const found = here.verdicts([week], [drill(t0, t0 + 10_000)]);
    for (; nowMs < t0 + hourMs; nowMs += 10_000) here.add(nowMs, nowMs < t0 + 1_800_000 ? good : bad);
    const momentMs = t0 + 1_200_000;
    const then = found.at(momentMs)[0];
    expect(then).toMatchObject({ at: momentMs, n: 480, measured: 1 });
    nowMs = t0 + 5 * dayMs;
    here.slices.compact(nowMs);
    expect(found.at(momentMs)[0]).toEqual({ ...then, final: true });
  });

  test.each([
    ['of a ratio', availability.indicator],
    ['of a quantile', { kind: 'latency', quantile: 0.9, targetMs: 250 }],
  ] as const)('is that of the start of a merged hour, also where a narrow slice begins with it: %s', (_, indicator) => {
    const ledger = ledgerOf({ ...week, indicator }, () => nothingApart);
    for (const widthMs of [hourMs, 10_000]) {
      const slice = emptySlice(t0, widthMs);
      slice.regions.set('us', { ...emptyCounts(null), good: 5 });
      slice.expected = 10;
      ledger.put({ atMs: t0, widthMs }, [{ slice, asked: true }]);
    }
    expect(ledger.moment(t0 + 1_200_000)).toBe(t0);
    expect(ledger.moment(t0 + hourMs)).toBe(t0 + hourMs);
  });
});

describe('a drill whose runner fell silent', () => {
  const nowMs = t0 + hourMs;
  const running = { ...drill(t0, nowMs), status: 'running', phase: 'holding', endedMs: null } as const;
  const lastMs = t0 + 60_000;
  const excluded: Objective = { ...availability, drills: 'excluded' };

  /** One result every ten seconds; from the drill on all of them failed, and the hour before none. */
  function judgedWith(report: DrillReport) {
    const here = world(() => nowMs);
    for (let atMs = t0 - hourMs; atMs < nowMs; atMs += 10_000) here.add(atMs, atMs < t0 ? good : bad);
    return here.verdicts([{ ...excluded, windowMs: 2 * hourMs }], [report]).at(nowMs)[0];
  }

  test('is believed for a lease after its last sign of life, and hides no failure after that', () => {
    expect(judgedWith({ ...running, aliveAtMs: lastMs, leaseMs: 30_000 })).toMatchObject({
      n: 360 + 351,
      status: 'fail',
    });
    expect(judgedWith({ ...running, aliveAtMs: nowMs - 1_000, leaseMs: 30_000 })).toMatchObject({
      n: 360,
      measured: 1,
    });
  });

  test('and was mended by its restorer is over then, whenever somebody sweeps', () => {
    const swept = { ...running, status: 'over', endedMs: nowMs } as const;
    expect(judgedWith({ ...swept, aliveAtMs: lastMs, leaseMs: 30_000 })?.n).toBe(360 + 351);
    // Whoever had to put something back says so.
    expect(judgedWith({ ...swept, aliveAtMs: lastMs, mendedMs: nowMs })?.n).toBe(360);
  });

  test('and wakes hours later is not believed for the time in between, whatever it says then', () => {
    const before = { ...running, aliveAtMs: lastMs, leaseMs: 30_000 };
    const woken = { ...running, aliveAtMs: nowMs, leaseMs: 30_000 };
    for (const report of [woken, continued(before, woken)]) {
      const last = continued(report, { ...woken, status: 'over', endedMs: nowMs });
      expect(judgedWith(last)?.n).toBe(report === woken ? 360 : 360 + 351);
    }
    // A network that was away for less than a minute beyond the lease is no death.
    const soon = { ...woken, aliveAtMs: lastMs + 90_000 };
    expect(continued(before, soon)).toEqual(soon);
    expect(continued({ ...before, t0: null }, woken)).toEqual(woken);
    expect(continued(undefined, woken)).toEqual(woken);
  });

  test('and that never gave a sign of life is believed for an hour at most', () => {
    const early = { ...running, t0: { lowerMs: t0 - 1_800_000, upperMs: t0 - 1_800_000 } };
    expect(judgedWith(early)).toMatchObject({ n: 180 + 180, measured: 0.5 });
  });
});
