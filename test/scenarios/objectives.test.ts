import { describe, expect, test } from 'vitest';
import type { Objective } from '../../contract/objective.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf } from './sound.ts';

const up = { id: 'up', check: 'home', indicator: 'availability', target: '99.9%', window: '30d' };
const dayMs = 86_400_000;

function objective(over: object): Objective | undefined {
  return parseScenario(broken(['objectives'], [{ ...up, ...over }])).objectives[0];
}

function mistakes(over: object): readonly string[] {
  return mistakesOf(broken(['objectives'], [{ ...up, ...over }]));
}

describe('an objective', () => {
  test.each([
    ['residency', { kind: 'residency', target: 0.999 }],
    [{ 'latency-under': '250ms' }, { kind: 'latency-under', limitMs: 250, target: 0.999 }],
    [{ freshness: '5m' }, { kind: 'freshness', limitMs: 300_000, target: 0.999 }],
    [{ 'failover-within': '4m' }, { kind: 'failover', limitMs: 240_000, target: 0.999 }],
  ])('may be of %o', (indicator, read) => {
    expect(objective({ indicator })?.indicator).toEqual(read);
  });

  test('may be of a quantile of replication lag', () => {
    expect(objective({ indicator: { 'replication-lag': 'p99' }, target: '2s' })?.indicator).toEqual({
      kind: 'replication-lag',
      quantile: 0.99,
      targetMs: 2_000,
    });
  });

  test('says how it counts: by slices of time, what is missing, how long outages last, what is left out', () => {
    const found = objective({
      budget: { slices: '5m', good: '95%' },
      missing: 'hold',
      bursts: '10m',
      exclude: [{ from: '2026-12-01T10:00:00Z', to: '2026-12-01T13:00:00+01:00', because: 'works' }],
      drills: 'excluded',
    });
    expect(found).toMatchObject({
      timeSlices: { sliceMs: 300_000, target: 0.95 },
      missing: 'hold',
      burstMs: 600_000,
      exclusions: [
        { fromMs: Date.parse('2026-12-01T10:00:00Z'), toMs: Date.parse('2026-12-01T12:00:00Z'), because: 'works' },
      ],
      drills: 'excluded',
    });
  });

  const p95 = { indicator: { latency: 'p95' }, target: '300ms' };

  test('of a quantile says how regions are put together', () => {
    expect(objective({ ...p95, weighting: 'equal' })?.weighting).toEqual({
      by: 'equal',
      weights: { 'us-east-1': 1, 'eu-west-1': 1 },
    });
    expect(objective({ ...p95, weighting: 'traffic' })?.weighting).toEqual({
      by: 'traffic',
      weights: { 'us-east-1': 60, 'eu-west-1': 40 },
    });
    expect(objective({ ...p95, weighting: 'pooled' })).not.toHaveProperty('weighting');
  });

  test.each([
    [{ weighting: 'equal' }, 'objectives[0].weighting: got "equal", want no weighting: availability counts results'],
    [{ ...p95, weighting: 'traffic', region: 'eu-west-1' }, 'want no weighting: there is one region, eu-west-1'],
    [{ ...p95, weighting: 'mean' }, 'objectives[0].weighting: got "mean", want '],
  ])('cannot weigh what is no quantile over several regions: %o', (over, said) => {
    expect(mistakes(over).join()).toContain(said);
  });

  test('cannot weigh one region alone', () => {
    const source = broken(['objectives'], [{ ...up, ...p95, weighting: 'equal' }]);
    source['checks'] = [{ name: 'home', kind: 'http', to: ['eu-west-1'], every: '10s' }];
    expect(mistakesOf(source)).toEqual([
      'objectives[0].weighting: got equal over eu-west-1, want two regions or more that its check asks, with shares of the traffic where it is by traffic',
    ]);
  });

  test('of a calendar has a window as long as its longest period', () => {
    const found = objective({ window: undefined, calendar: { every: 'month', timeZone: 'Europe/Berlin' } });
    expect(found).toMatchObject({
      calendar: { every: 'month', timeZone: 'Europe/Berlin' },
      windowMs: 31 * dayMs + 3_600_000,
    });
  });

  test('that says nothing of all that is as it was', () => {
    expect(objective({})).toEqual({
      id: 'up',
      check: 'home',
      region: null,
      from: 'all',
      indicator: { kind: 'availability', target: 0.999 },
      windowMs: 30 * dayMs,
    });
  });
});

test.each<readonly [string, object, string]>([
  [
    'of 100 %',
    { target: '100%' },
    'target: got "100%", want a share over 0% and under 100%, such as 99.9%: no number of samples can show that',
  ],
  [
    'of 0 %',
    { target: 0 },
    'target: got 0, want a share over 0% and under 100%, such as 99.9%: that would always hold',
  ],
  ['with a window shorter than a slice', { window: '9s' }, 'window: got "9s", want a duration of at least 10000ms'],
  ['without a window', { window: undefined }, 'window: got nothing, want a duration, such as 30d, or a calendar'],
  [
    'with a window and a calendar',
    { calendar: { every: 'month', timeZone: 'UTC' } },
    'calendar: got a calendar and a window, want one of the two',
  ],
  [
    'in a time zone that there is not',
    { window: undefined, calendar: { every: 'month', timeZone: 'Europe/Atlantis' } },
    'calendar.timeZone: got "Europe/Atlantis", want a time zone, such as UTC or Europe/Berlin',
  ],
  [
    'by slices that do not line up with the hour',
    { budget: { slices: '7m', good: '95%' } },
    'budget.slices: got "7m", want whole minutes that an hour can be divided into, such as 1m, 5m or 1h',
  ],
  [
    'by slices that are always good',
    { budget: { slices: '1m', good: 0 } },
    'budget.good: got 0, want a share over 0%: with 0% every slice would be good',
  ],
  [
    'by slices longer than the window',
    { window: '30m', budget: { slices: '1h', good: '95%' } },
    'budget.slices: got 3600000ms, want at most the window, 1800000ms',
  ],
  [
    'by slices of what is no result',
    { indicator: { freshness: '5m' }, budget: { slices: '1m', good: '95%' } },
    'budget: got time slices, want no budget: what freshness counts is not results',
  ],
  [
    'with a budget for a quantile',
    { indicator: { latency: 'p95' }, target: '1s', budget: 'occurrences' },
    'budget: got "occurrences", want no budget: a quantile has none',
  ],
  [
    'with bursts longer than the window',
    { window: '1h', bursts: '2h' },
    'bursts: got 7200000ms, want at most the window, 3600000ms',
  ],
  [
    'with freshness finer than a slice',
    { indicator: { freshness: '5s' } },
    'indicator.freshness: got "5s", want a duration of at least 10000ms',
  ],
  [
    'with a window of centuries',
    { window: '99999999999d' },
    'window: got "99999999999d", want a duration of at most 3650d',
  ],
  [
    'with a window without an end',
    { window: `${'9'.repeat(400)}d` },
    `window: got "${'9'.repeat(76)}..., want a duration of at most 3650d`,
  ],
  [
    'whose id is longer than any',
    { id: 'x'.repeat(201) },
    `id: got "${'x'.repeat(76)}..., want a name of at most 200 characters`,
  ],
  [
    'with bursts of no time',
    { bursts: '0.0000001ms' },
    'bursts: got "0.0000001ms", want a duration of at least 0.001ms',
  ],
  [
    'of a percentile that is all of them, once it is rounded',
    { indicator: { latency: 'p99.99999999' }, target: '1s' },
    'indicator: got {"latency":"p99.99999999"}, want { latency: p95 }, with any percentile from p1 to p99.99',
  ],
  [
    'of an indicator by the name of something that every object has',
    { indicator: { toString: '1s' } },
    'indicator: got {"toString":"1s"}, want availability, residency, { latency: p95 }, or a mapping of one of latency, latency-under, freshness, replication-lag, failover-within',
  ],
  [
    'with an exclusion that ends before it begins',
    { exclude: [{ from: '2026-12-01T10:00:00Z', to: '2026-12-01T09:00:00Z', because: 'works' }] },
    'exclude[0].to: got "2026-12-01T09:00:00Z", want a time after from',
  ],
  [
    'with an exclusion that is another moment in every place',
    { exclude: [{ from: '2026-12-01T10:00', to: '2026-12-01T11:00:00Z', because: 'works' }] },
    'exclude[0].from: got "2026-12-01T10:00", want a time with its offset, such as 2026-12-01T10:00:00Z',
  ],
  ['of a check that there is not', { check: 'hom' }, 'check: got "hom", want one of home, geo, write (nearest: home)'],
  [
    'of an indicator that there is not',
    { indicator: 'uptime' },
    'indicator: got "uptime", want availability, residency, { latency: p95 }, or a mapping of one of latency, latency-under, freshness, replication-lag, failover-within',
  ],
  [
    'of an indicator that is nearly one',
    { indicator: { 'latency-uner': '1s' } },
    'indicator: got {"latency-uner":"1s"}, want availability, residency, { latency: p95 }, or a mapping of one of latency, latency-under, freshness, replication-lag, failover-within (nearest: latency-under)',
  ],
  [
    'of two indicators',
    { indicator: { latency: 'p95', freshness: '5m' } },
    'indicator: got {"latency":"p95","freshness":"5m"}, want availability, residency, { latency: p95 }, or a mapping of one of latency, latency-under, freshness, replication-lag, failover-within (nearest: latency)',
  ],
  [
    'that counts occurrences of time',
    { indicator: { freshness: '5m' }, budget: 'occurrences' },
    'budget: got "occurrences", want no budget: freshness is a share of time',
  ],
  [
    'with two budget methods',
    { budget: { slices: '1m', good: '95%', occurrences: true } },
    'budget.occurrences: got the unknown key "occurrences", want one of slices, good',
  ],
  [
    'of a quantile of what never came',
    { indicator: { latency: 'p95' }, target: '1s', missing: 'bad' },
    'missing: got "bad", want nothing: latency is of what came',
  ],
  [
    'of a quantile that charges drills to a budget',
    { indicator: { latency: 'p95' }, target: '1s', drills: 'apart' },
    'drills: got "apart", want charged or excluded: a quantile has no budget to charge it to',
  ],
  [
    'of drills that come in bursts',
    { indicator: { 'failover-within': '4m' }, bursts: '5m' },
    'bursts: got 300000ms, want nothing: each drill is one event',
  ],
  [
    'from its own region, without one',
    { from: 'own' },
    'from: got "own", want a region beside it: without one there is no own',
  ],
  [
    'of failover that leaves drills out',
    { indicator: { 'failover-within': '4m' }, drills: 'excluded' },
    'drills: got "excluded", want nothing: failover is measured in drills',
  ],
])('an objective %s is refused', (_what, over, mistake) => {
  expect(mistakes(over)).toEqual([`objectives[0].${mistake}`]);
});

test('a check that is made seldomer than once a month is refused', () => {
  expect(mistakesOf(broken(['checks', 0, 'every'], '400d'))).toEqual([
    'checks[0].every: got "400d", want a duration of at most 2678400000ms',
  ]);
});

test('what only TypeScript can write is refused like anything else', () => {
  const own: { [key: string]: unknown } = {};
  own['again'] = own;
  expect(mistakes({ target: 5n })).toEqual([
    expect.stringMatching(/^objectives\[0\]\.target: got 5, want a percentage/),
  ]);
  expect(mistakes({ window: own })).toEqual([
    expect.stringMatching(/^objectives\[0\]\.window: got \[object Object\], want/),
  ]);
});

test('all mistakes of an objective are told at once', () => {
  const found = mistakes({ target: '100%', bursts: 'long', missing: 'good', budget: { slices: '1s', good: '95%' } });
  expect(found).toHaveLength(4);
});

test('a target that is empty is a mistake', () => {
  expect(mistakes({ target: null })).toEqual([
    'objectives[0].target: got nothing, want a percentage for availability, a duration for latency',
  ]);
});
