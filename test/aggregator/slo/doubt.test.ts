import { describe, expect, test } from 'vitest';
import { emptyAccount } from '../../../aggregator/slo/account.ts';
import type { Arrivals } from '../../../aggregator/slo/arrivals.ts';
import { doubtIn, doubtOf, doubtOver, type Heard } from '../../../aggregator/slo/doubt.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import type { Objective } from '../../../contract/objective.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from './world.ts';

function heard(over: Partial<Heard> = {}): Heard {
  const slices = [{ atMs: t0 - 10_000, widthMs: 10_000, good: 60, bad: 0, missing: 60 }];
  return { atMs: t0, slices, newestMs: t0, everyMs: 10_000, ...over };
}

test('what still comes is not doubted, up to two intervals and the way of a result', () => {
  expect(doubtIn(availability, heard())).toBeNull();
  expect(doubtIn(availability, heard({ newestMs: t0 - 50_000 }))).toBeNull();
});

test.each<[string, Partial<Heard>, RegExp]>([
  ['nothing came lately', { newestMs: t0 - 50_001 }, /^no result came for 50.00 s, want one every 10.00 s$/],
  ['nothing came at all', { newestMs: null }, /^no result came in the window$/],
  ['nobody measures it', { everyMs: null }, /^no check of it is assigned/],
  [
    'most did not come',
    { slices: [{ atMs: t0, widthMs: 10_000, good: 10, bad: 0, missing: 11 }] },
    /^11 of 21 expected results did not come/,
  ],
])('it is doubted when %s', (_, over, why) => {
  expect(doubtIn(availability, heard(over))).toMatch(why);
});

test('a verdict in a list is doubted for what is missing, and for a check that nobody makes', () => {
  const account = { ...emptyAccount(), good: 10, missing: 11 };
  const evidence = {
    kind: 'ratio',
    account,
    policy: 'exclude',
    designEffect: 1,
    noun: 'samples',
    missing: 11,
  } as const;
  expect(doubtOf(availability, evidence, 10_000)).toBe('11 of 21 expected results did not come, want more than half');
  expect(doubtOf(availability, { ...evidence, missing: 10 }, 10_000)).toBeNull();
  expect(doubtOf(availability, { ...evidence, missing: 0 }, null)).toMatch(/^no check of it is assigned/);
});

test('failovers are not expected, and none of them is silent', () => {
  const failover = { ...availability, indicator: { kind: 'failover', limitMs: 240_000, target: 0.9 } } as const;
  expect(doubtIn(failover, heard({ newestMs: null, everyMs: null }))).toBeNull();
});

test.each<[string, NonNullable<Arrivals['uncounted']>, RegExp]>([
  [
    'a drill',
    { because: 'a drill', sinceMs: t0 - 300_000 },
    /^no result of the last 5.0 min is counted: .* in a drill$/,
  ],
  ['an exclusion', { because: 'an exclusion', sinceMs: null }, /^no result of the window is counted: .* an exclusion$/],
])('it is doubted when the newest results are not counted, as they lie in %s', (_, uncounted, why) => {
  const arrivals = { came: 60, missing: 60, newestMs: t0, uncounted };
  expect(doubtOver(availability, arrivals, { atMs: t0, everyMs: 10_000 })).toMatch(why);
});

const everyMs = 10_000;
const nowMs = t0 + 12 * hourMs;
const day: Objective = { ...availability, windowMs: dayMs };
const kinds: readonly Objective[] = [
  { ...day, id: 'up' },
  { ...day, id: 'slices', timeSlices: { sliceMs: 60_000, target: 0.9 } },
  { ...day, id: 'fresh', indicator: { kind: 'freshness', limitMs: 60_000, target: 0.9 } },
  { ...day, id: 'fast', indicator: { kind: 'latency', quantile: 0.95, targetMs: 250 } },
];

/** As lists have it, which is what one alone says too. */
function doubts(objectives: readonly Objective[], here: ReturnType<typeof world>, drills: readonly DrillReport[] = []) {
  const book = here.verdicts(objectives, drills, { everyMs: () => everyMs });
  while (book.readOn());
  const listed = book.at(nowMs);
  for (const one of listed) expect(book.one(one.id, nowMs)?.verdict).toEqual(one);
  return listed.map(({ doubt }) => doubt ?? null);
}

describe('lists doubt what one alone doubts', () => {
  test('when most of what was expected did not come, whatever is counted: results, slices of time or steps', () => {
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < nowMs; atMs += everyMs) {
      here.expect(atMs, 2);
      if (atMs % 60_000 === 50_000) here.add(atMs, good);
    }
    const most = /^7920 of 8640 expected results did not come/;
    for (const doubt of doubts(kinds, here)) expect(doubt).toMatch(most);
  });

  test('when nothing came for long', () => {
    const here = world(() => nowMs);
    for (let atMs = t0; atMs < nowMs - 60_000; atMs += everyMs) here.add(atMs, good);
    for (const doubt of doubts(kinds, here)) expect(doubt).toBe('no result came for 60.00 s, want one every 10.00 s');
    expect(
      doubts(
        kinds,
        world(() => nowMs),
      ),
    ).toEqual(kinds.map(() => 'no result came in the window'));
  });

  test('when the newest results lie in an exclusion, or in a drill that is excluded', () => {
    const here = world(() => nowMs);
    const fromMs = t0 + 6 * hourMs;
    for (let atMs = t0; atMs < nowMs; atMs += everyMs) here.add(atMs, atMs < fromMs ? good : bad);
    const exclusions = [{ fromMs, toMs: nowMs + dayMs, because: 'works' }];
    const excluded = kinds.map((kind): Objective => ({ ...kind, exclusions }));
    for (const doubt of doubts(excluded, here))
      expect(doubt).toMatch(/^no result of the last 6.0 h is counted.*exclusion/);
    const running = drillOf({ status: 'running', t0: { lowerMs: fromMs, upperMs: fromMs }, aliveAtMs: nowMs });
    const drilled = kinds.map((kind): Objective => ({ ...kind, drills: 'excluded' }));
    for (const doubt of doubts(drilled, here, [running]))
      expect(doubt).toMatch(/^no result of the last 6.0 h.*a drill$/);
    // Where drills count, and of an exclusion that is over, there is nothing to doubt.
    expect(doubts(kinds, here, [running])).toEqual(kinds.map(() => null));
    const over = kinds.map(
      (kind): Objective => ({ ...kind, exclusions: [{ fromMs: t0, toMs: fromMs, because: 'x' }] }),
    );
    expect(doubts(over, here)).toEqual(kinds.map(() => null));
  });

  test('when all results of the window lie in an exclusion', () => {
    const here = world(() => nowMs);
    for (let atMs = nowMs - hourMs; atMs < nowMs; atMs += everyMs) here.add(atMs, good);
    const exclusions = [{ fromMs: t0, toMs: nowMs, because: 'works' }];
    for (const doubt of doubts(
      kinds.map((kind): Objective => ({ ...kind, exclusions })),
      here,
    )) {
      expect(doubt).toMatch(/^no result of the window is counted/);
    }
  });

  test('and not for what is missing in an exclusion', () => {
    const here = world(() => nowMs);
    for (let atMs = nowMs - hourMs; atMs < nowMs; atMs += everyMs) here.add(atMs, good);
    for (let atMs = t0; atMs < nowMs - hourMs; atMs += everyMs) here.expect(atMs, 3);
    const exclusions = [{ fromMs: t0, toMs: nowMs - hourMs, because: 'works' }];
    expect(
      doubts(
        kinds.map((kind): Objective => ({ ...kind, exclusions })),
        here,
      ),
    ).toEqual(kinds.map(() => null));
  });
});

function drillOf(over: Partial<DrillReport>): DrillReport {
  return { id: 'd', endedMs: null, fault: 'stop', leaseMs: 30_000, entries: [], ...over } as unknown as DrillReport;
}
