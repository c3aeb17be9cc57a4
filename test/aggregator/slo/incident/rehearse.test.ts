import { describe, expect, test } from 'vitest';
import { attemptsOf, type Probed } from '../../../../aggregator/slo/incident/incident.ts';
import { type Asked, type Rehearsal, rehearse } from '../../../../aggregator/slo/incident/rehearse.ts';
import type { Objective } from '../../../../contract/objective.ts';
import { binomialTail } from '../../../../contract/statistics.ts';
import { availability, dayMs, hourMs } from '../world.ts';

const minuteMs = 60_000;
const objective: Objective = {
  ...availability,
  indicator: { kind: 'availability', target: 0.999 },
  windowMs: 30 * dayMs,
};
const everyMinute: Probed = { everyMs: minuteMs, streams: [{ offsetMs: 17_300, isHit: true }] };
const asked: Asked = {
  objective,
  probed: everyMinute,
  vantages: 1,
  incident: { rate: 1, forMs: 20 * minuteMs },
  runs: 24,
  seed: 1,
};

function rehearsed(over: Partial<Asked> = {}): Rehearsal {
  const found = rehearse({ ...asked, ...over });
  if (found === null) throw new Error('nothing to play');
  return found;
}

test('a total outage pages with its fifth failure, whatever moment of the minute it begins at', () => {
  const [page, slower] = rehearsed().pairs;
  expect(page).toMatchObject({ chance: 1 });
  // Four minutes and what is left of the fifth, until the slice of the fifth failure is over.
  expect(page?.firesAfterMs?.p5).toBeGreaterThanOrEqual(4 * minuteMs);
  expect(page?.firesAfterMs?.p95).toBeLessThanOrEqual(5 * minuteMs + 10_000);
  expect(slower?.firesAfterMs?.p50).toBeGreaterThan(6 * minuteMs);
});

test('its page ends when its short window has nothing of the incident left', () => {
  const [page] = rehearsed().pairs;
  expect(page?.clearsAfterMs?.p50).toBeGreaterThan(3 * minuteMs);
  expect(page?.clearsAfterMs?.p95).toBeLessThanOrEqual(5 * minuteMs + 10_000);
});

test('twenty failures of 43,200 at 99.9 % spend 46 % of the budget', () => {
  const { failed, spent, left } = rehearsed();
  expect(failed).toEqual({ p5: 20, p50: 20, p95: 20 });
  expect(spent.p50).toBeCloseTo(20 / 43.2, 2);
  expect(left.p50).toBeCloseTo(1 - 20 / 43.2, 2);
});

test('where chance decides, an alarm comes as often as the binomial distribution has it', () => {
  const { pairs, failed } = rehearsed({ incident: { rate: 0.2, forMs: 20 * minuteMs }, runs: 400 });
  const chance = binomialTail(5, 20, 0.2);
  const [page] = pairs;
  expect(Math.abs((page?.chance ?? 0) - chance)).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / 400));
  expect(page?.chanceInterval[0]).toBeLessThan(page?.chance ?? 0);
  expect(failed.p50).toBe(4);
});

test('an outage that falls between two probes is not seen, and its chance is how much of the interval it covers', () => {
  const probed: Probed = { everyMs: 30 * minuteMs, streams: [{ offsetMs: 0, isHit: true }] };
  const { failed, pairs } = rehearsed({ probed, runs: 90, incident: { rate: 1, forMs: 20 * minuteMs } });
  expect(failed).toEqual({ p5: 0, p50: 1, p95: 1 });
  expect(pairs.every(({ chance }) => chance === 0)).toBe(true);
  const { verdicts, spent } = rehearsed({ probed, runs: 90 });
  expect(verdicts.inconclusive).toBe(1);
  expect(spent.p95).toBeCloseTo(1 / 1.44, 1);
});

test('what is not hit dilutes', () => {
  const three = [0, 20_000, 40_000].map((offsetMs, index) => ({ offsetMs, isHit: index === 0 }));
  const third = rehearsed({ probed: { everyMs: minuteMs, streams: three } });
  expect(third.spent.p50).toBeCloseTo(20 / 43.2 / 3, 2);
  expect(third.pairs[0]?.firesAfterMs?.p50).toBeGreaterThan(rehearsed().pairs[0]?.firesAfterMs?.p50 ?? 0);
});

test('a result that comes late in its round may find the short window of its slice gone', () => {
  const at = (offsetMs: number) =>
    rehearsed({
      probed: { everyMs: 10 * minuteMs, streams: [{ offsetMs, isHit: true }] },
      incident: { rate: 1, forMs: hourMs },
    }).pairs[0]?.chance;
  expect(at(minuteMs)).toBe(1);
  expect(at(9 * minuteMs)).toBe(0);
});

test('the same seed plays the same, another one another', () => {
  const chancy = { incident: { rate: 0.2, forMs: 20 * minuteMs } };
  expect(rehearsed(chancy)).toEqual(rehearsed(chancy));
  expect(rehearsed({ ...chancy, seed: 2 })).not.toEqual(rehearsed(chancy));
});

test('a long incident is played less often', () => {
  expect(rehearsed({ incident: { rate: 0.001, forMs: 3 * dayMs }, runs: 100 }).runs).toBe(13);
  expect(rehearsed({ runs: 3 }).runs).toBe(3);
});

describe('objectives of other kinds', () => {
  test('by slices of time, whole slices are spent', () => {
    const timeSlices = { sliceMs: 5 * minuteMs, target: 0.95 };
    const { spent } = rehearsed({ objective: { ...objective, timeSlices } });
    // 20 minutes lie in four or five slices of five minutes, of 8,640.
    expect(spent.p5).toBeGreaterThan(4 / 8.7);
    expect(spent.p95).toBeLessThan(5 / 8.5);
  });

  test('latency under a limit loses what fails', () => {
    const indicator = { kind: 'latency-under', limitMs: 250, target: 0.999 } as const;
    expect(rehearsed({ objective: { ...objective, indicator } }).spent.p50).toBeCloseTo(20 / 43.2, 2);
  });

  test('of a calendar, the budget is that of its period', () => {
    const calendar = { every: 'month', timeZone: 'Europe/Berlin' } as const;
    const { spent, verdicts } = rehearsed({ objective: { ...objective, calendar, windowMs: 31 * dayMs + hourMs } });
    expect(spent.p50).toBeGreaterThan(0.45);
    expect(spent.p50).toBeLessThan(0.5);
    expect(verdicts.fail).toBe(0);
  });

  test('quantiles, residency and drills, which attempts that fail say nothing of, are not played', () => {
    const residency = { kind: 'residency', target: 0.99 } as const;
    expect(rehearse({ ...asked, objective: { ...objective, indicator: residency } })).toBeNull();
    const quantile = { kind: 'latency', quantile: 0.95, targetMs: 100 } as const;
    expect(rehearse({ ...asked, objective: { ...objective, indicator: quantile } })).toBeNull();
    const failover = { kind: 'failover', limitMs: 100, target: 0.9 } as const;
    expect(rehearse({ ...asked, objective: { ...objective, indicator: failover } })).toBeNull();
  });
});

test('rounds have one attempt for each stream, in the order of time', () => {
  const probed = { everyMs: 1_000, streams: [700, 100].map((offsetMs) => ({ offsetMs, isHit: false })) };
  expect(attemptsOf(probed, 500, 2_500).map(({ atMs, roundMs }) => [atMs, roundMs])).toEqual([
    [1_100, 1_000],
    [1_700, 1_000],
    [2_100, 2_000],
    [2_700, 2_000],
  ]);
});
