import { describe, expect, test } from 'vitest';
import { emptyAccount } from '../../../aggregator/slo/account.ts';
import { doubtIn, doubtOf, type Heard, uncountedIn } from '../../../aggregator/slo/doubt.ts';
import type { Objective } from '../../../contract/objective.ts';
import { availability, t0 } from './world.ts';

const came = { good: 60, bad: 0, missing: 0 };

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

test.each<[string, NonNullable<Heard['uncounted']>, RegExp]>([
  [
    'a drill',
    { because: 'a drill', sinceMs: t0 - 300_000 },
    /^no result of the last 5.0 min is counted: .* in a drill$/,
  ],
  ['an exclusion', { because: 'an exclusion', sinceMs: null }, /^no result of the window is counted: .* an exclusion$/],
])('it is doubted when the newest results are not counted, as they lie in %s', (_, uncounted, why) => {
  expect(doubtIn(availability, heard({ uncounted }))).toMatch(why);
});

describe('the newest results', () => {
  const slices = [3, 2, 1].map((before) => ({ ...{ atMs: t0 - before * 10_000, widthMs: 10_000 }, ...came }));
  const drilled = [{ fromMs: t0 - 15_000, toMs: t0 }];
  const excluding: Objective = { ...availability, drills: 'excluded' };

  test('of a drill are not counted where drills are excluded, from the last slice on that the drill leaves alone', () => {
    expect(uncountedIn(excluding, drilled, slices)).toEqual({ because: 'a drill', sinceMs: t0 - 20_000 });
    for (const drills of ['charged', 'apart'] as const) {
      expect(uncountedIn({ ...availability, drills }, drilled, slices)).toBeNull();
    }
  });

  test('of an exclusion are not counted; what is older than others that are does not matter', () => {
    const exclusions = [{ fromMs: t0 - 30_000, toMs: t0, because: 'works' }];
    expect(uncountedIn({ ...availability, exclusions }, [], slices)).toEqual({
      because: 'an exclusion',
      sinceMs: null,
    });
    expect(uncountedIn(excluding, [{ fromMs: t0 - 30_000, toMs: t0 - 10_000 }], slices)).toBeNull();
  });

  test('are those that came: what is missing in the drill says nothing of them', () => {
    const silent = { atMs: t0, widthMs: 10_000, good: 0, bad: 0, missing: 6 };
    expect(uncountedIn(excluding, [{ fromMs: t0, toMs: t0 + 10_000 }], [...slices, silent])).toBeNull();
  });
});
