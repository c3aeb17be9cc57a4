/** Times that are asked for and posted: what no calendar has is refused, and takes nobody down. */
import { describe, expect, test } from 'vitest';
import type { ApiError } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import { aggregator, post } from './harness.ts';
import { drill } from './posts.ts';

const up: Objective = {
  ...{ id: 'up', check: 'home', region: null, from: 'own', windowMs: 3_600_000 },
  indicator: { kind: 'availability', target: 0.9 },
};
const calendars = (['day', 'week', 'month', 'quarter', 'year'] as const).map(
  (every): Objective => ({
    ...{ ...up, id: every, windowMs: 366 * 86_400_000, calendar: { every, timeZone: 'Europe/Berlin' } },
  }),
);
const fresh: Objective = { ...up, id: 'fresh', indicator: { kind: 'freshness', limitMs: 60_000, target: 0.9 } };
const slices: Objective = { ...up, id: 'slices', timeSlices: { sliceMs: 60_000, target: 0.95 } };
const objectives = [up, ...calendars, fresh, slices];

/** The last one is the greatest that a `Date` holds: all that comes after it is none. */
const noTimes = ['9000000000000000', '-8640000000000000', '-1', '4102444800001', '+275760-09-13', '8640000000000000'];
const asked = [
  'verdicts?at=',
  ...objectives.map(({ id }) => `verdicts/${id}?at=`),
  'verdicts?since=',
  'results?since=',
];

describe('a time that is asked for', () => {
  test('is refused where it is out of all calendars', async () => {
    const { url } = await aggregator({ objectives });
    for (const path of asked)
      for (const time of noTimes) {
        const answer = await fetch(`${url}/api/v1/${path}${encodeURIComponent(time)}`);
        const { error } = (await answer.json()) as ApiError;
        expect([answer.status, error.message], `${path}${time}`).toEqual([
          400,
          `${path.includes('since') ? 'since' : 'at'}: got "${time}", want epoch milliseconds or a date, from 1970 to 2100`,
        ]);
      }
  });

  test('is answered at either end of what is taken', async () => {
    const { url } = await aggregator({ objectives });
    for (const path of asked.filter((one) => one.includes('at=')))
      for (const time of ['0', '4102444800000', '1970-01-01T00:00:00Z', '2099-12-31T23:59:59Z']) {
        const answer = await fetch(`${url}/api/v1/${path}${time}`);
        expect(answer.status, `${path}${time}`).toBe(200);
        expect(await answer.text()).toContain('"inconclusive"');
      }
  });
});

test('a time that is posted is refused likewise', async () => {
  const { url } = await aggregator();
  for (const time of [9e15, -1, '2026-01-01', 1e300]) {
    const bounds = { lowerMs: 0, upperMs: time };
    const posts = [
      ['annotations', 'atMs', { text: 'x', atMs: time }],
      ['drills', 'startedMs', { ...drill, startedMs: time }],
      ['drills', 'endedMs', { ...drill, endedMs: time }],
      ['drills', 'aliveAtMs', { ...drill, aliveAtMs: time }],
      ['drills', 't0', { ...drill, t0: bounds }],
      ['drills', 'restoreCalled', { ...drill, restoreCalled: bounds }],
      ['bursts', 'untilMs', { id: 'b', everyMs: 100, untilMs: time, checks: [] }],
    ] as const;
    for (const [path, place, body] of posts) {
      const answer = await post(url, `/api/v1/${path}`, body);
      expect(answer.status, `${place} ${time}`).toBe(400);
      expect(((await answer.json()) as ApiError).error.message).toContain(`${place}: got `);
    }
  }
  expect((await fetch(`${url}/api/v1/drills`)).status).toBe(200);
});
