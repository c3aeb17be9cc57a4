import { describe, expect, test } from 'vitest';
import { noPast } from '../../../chaos/predict/past.ts';
import { predictFrom } from '../../../chaos/runner/last-prediction.ts';
import type { Run } from '../../../chaos/runner/run.ts';
import type { StoredResult } from '../../../contract/api.ts';
import { exactly } from '../../../contract/bounds.ts';
import type { Prediction } from '../../../contract/drill.ts';
import { attempts, facts, heir, lost, originMs, result } from '../../fakes/drill-facts.ts';
import { drillWorld } from '../../fakes/drill-world.ts';
import { checkFor } from '../../lab-route53/lab.ts';
import { alias, checked, routed, values, zoneOf } from '../../zone/records.ts';

const zone = zoneOf(
  checked(values(lost, '10.0.0.1'), 'hc-us'),
  values(heir, '10.0.0.2'),
  routed(alias('api', lost, true), 'PRIMARY', { policy: 'failover', role: 'PRIMARY' }),
  routed(alias('api', heir, true), 'SECONDARY', { policy: 'failover', role: 'SECONDARY' }),
);

type Told = { readonly away: Prediction; readonly back: Prediction };

/** What the runner tells of t0 and the call of restore on its clock, the aggregator's being two seconds ahead. */
async function told(results: readonly StoredResult[], t0Ms: number, restoreMs: number | null = null): Promise<Told> {
  const { options } = await drillWorld();
  const prepared = { id: 'drill-1', region: lost, pods: { replicas: 1, settings: [] }, past: noPast };
  let found: Told = { away: {}, back: {} };
  const recorder = {
    facts: () => facts(results, { offset: exactly(2_000) }),
    prediction(away: Prediction, back: Prediction) {
      found = { away, back };
    },
  };
  const state = { zone, healthChecks: [{ ...checkFor('hc-us'), requestIntervalSeconds: 1, failureThreshold: 1 }] };
  const run = { options, prepared: { ...prepared, zone: state }, recorder } as unknown as Run;
  predictFrom(run, exactly(t0Ms), restoreMs === null ? null : exactly(restoreMs));
  return found;
}

/** The resolver renews its copy at 9.9 s, for a minute. */
const renewed = [
  [9_800, 0],
  [9_900, 60],
].map(([from = 0, ttlSeconds = 0]) =>
  result({ from, to: from, by: null, led: lost, check: 'resolver', details: { ttlSeconds } }),
);
const before = [...attempts(8_000, 'RRRRRRRRRR'), ...renewed];
const callMs = originMs + 10_000 - 2_000;

test('a copy that ages while the fault is injected is so much shorter from t0 on', async () => {
  const [first, later] = [await told(before, callMs), await told(before, callMs + 20_000)];
  const lapse = (first.away.resolver?.p50 ?? 0) - (later.away.resolver?.p50 ?? 0);
  expect(first.away.resolver?.p50).toBeGreaterThan(55_000);
  expect(lapse / 1_000).toBeCloseTo(20, 0);
});

test('what was seen after t0 is not predicted from', async () => {
  const flip = result({
    from: 11_000,
    to: 11_000,
    by: null,
    led: heir,
    check: 'resolver',
    details: { ttlSeconds: 60 },
  });
  const after = [...attempts(10_100, '......XXXX'), flip];
  expect(await told([...before, ...after], callMs)).toEqual(await told(before, callMs));
});

describe('the way back', () => {
  /** What a vantage's resolver told: when, the TTL that was left, and where it led. */
  const answered = (answers: readonly (readonly [from: number, ttlSeconds: number, led: string])[], vantage = 'here') =>
    answers.map(([from, ttlSeconds, led]) =>
      result({ from, to: from, by: null, led, check: 'resolver', details: { ttlSeconds }, vantage }),
    );
  const flipped = answered([
    [11_000, 0, lost],
    [11_100, 60, heir],
  ]);
  const callBackMs = callMs + 6_100;

  test('is reckoned by what the resolver had of the region that stood in when it was called back', async () => {
    const record = [...before, ...flipped];
    const any = (await told(record, callMs)).back.resolver;
    const known = (await told(record, callMs, callBackMs)).back.resolver;
    // Anywhere in its minute, and 55 s before its end.
    expect((any?.p95 ?? 0) - (any?.p5 ?? 0)).toBeGreaterThan(40_000);
    expect((known?.p95 ?? 0) - (known?.p5 ?? 0)).toBeLessThan(2_000);
    expect((known?.p50 ?? 0) / 1_000).toBeCloseTo(55, 0);
  });
  test('is of the copy that leads to the region that stood in, however long the others were kept', async () => {
    const longer = answered([[9_900, 600, lost]]);
    const { resolver } = (await told([...before, ...longer, ...flipped], callMs, callBackMs)).back;
    expect((resolver?.p50 ?? 0) / 1_000).toBeCloseTo(55, 0);
  });
  test('is not of a vantage that was led elsewhere all along', async () => {
    const other = answered(
      [
        [9_800, 20, heir],
        [11_100, 19, heir],
      ],
      'there',
    );
    const record = [...before, ...flipped];
    const alone = (await told(record, callMs, callBackMs)).back;
    expect((await told([...record, ...other], callMs, callBackMs)).back).toEqual(alone);
  });
});
