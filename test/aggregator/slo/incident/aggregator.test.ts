/** An incident that is played and one that an aggregator counts come to the same. */
import { expect, test } from 'vitest';
import { attemptsOf, type Probed } from '../../../../aggregator/slo/incident/incident.ts';
import { play } from '../../../../aggregator/slo/incident/play.ts';
import { stageOf } from '../../../../aggregator/slo/incident/stage.ts';
import type { Objective } from '../../../../contract/objective.ts';
import { seededRandom } from '../../../../contract/random.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from '../world.ts';

const minuteMs = 60_000;
const objective: Objective = {
  ...availability,
  id: 'up',
  indicator: { kind: 'availability', target: 0.999 },
  windowMs: 30 * dayMs,
};
const streams = [3_000, 21_000, 44_000].map((offsetMs) => ({ offsetMs, isHit: true }));
const probed: Probed = { everyMs: minuteMs, streams };
const fromMs = t0 + 4 * dayMs + 37_000;
const incident = { rate: 0.3, forMs: 20 * minuteMs };

test('each page fires and ends at the same look as in the book of an aggregator, with the same budget left', () => {
  const stage = stageOf(objective, probed, t0 + 4 * dayMs, t0 + 5 * dayMs);
  const ofPlay = { objective, target: 0.999, probed, incident, vantages: 3, endMs: t0 + 5 * dayMs };
  const played = play(stage, ofPlay, fromMs, seededRandom(11));

  let nowMs = fromMs;
  const real = world(() => nowMs);
  const verdicts = real.verdicts([objective]);
  const random = seededRandom(11);
  // Long enough for the windows of pages; the budget reckons by the share of the window that was measured.
  const attempts = attemptsOf(probed, fromMs - 8 * hourMs, fromMs + hourMs);
  const seen = new Map<number, { firedAtMs: number | null; clearedAtMs: number | null; isFiring: boolean }>();
  let next = 0;
  let left: number | undefined;
  const endMs = fromMs + incident.forMs;
  for (nowMs = Math.floor(fromMs / 10_000) * 10_000; nowMs < endMs + 40 * minuteMs; nowMs += 10_000) {
    for (; (attempts[next]?.atMs ?? Number.POSITIVE_INFINITY) < nowMs; next += 1) {
      const { atMs, roundMs } = attempts[next] as (typeof attempts)[number];
      const failed = atMs >= fromMs && atMs < endMs && random() < incident.rate;
      real.add(roundMs, failed ? bad : good);
    }
    const burns = verdicts.one('up', nowMs)?.budget;
    if (nowMs === Math.floor(endMs / minuteMs) * minuteMs + minuteMs) left = burns?.left;
    for (const { longMs, state } of burns?.burns ?? []) {
      const one = seen.get(longMs) ?? { firedAtMs: null, clearedAtMs: null, isFiring: false };
      const isFiring = state === 'firing';
      if (isFiring && !one.isFiring) Object.assign(one, { firedAtMs: one.firedAtMs ?? nowMs, clearedAtMs: null });
      if (!isFiring && one.isFiring) one.clearedAtMs = nowMs;
      seen.set(longMs, { ...one, isFiring });
    }
  }
  const pages = played.pairs.filter(({ pair }) => pair.severity === 'page');
  expect(pages.length).toBe(2);
  for (const { pair, firedAtMs, clearedAtMs } of pages) {
    const there = seen.get(pair.longMs);
    expect(firedAtMs).not.toBeNull();
    expect(there?.firedAtMs).toBe(firedAtMs);
    // Known to a sixtieth of the short window.
    expect(Math.abs((there?.clearedAtMs ?? 0) - (clearedAtMs ?? Number.NaN))).toBeLessThanOrEqual(pair.shortMs / 60);
  }
  expect(left).toBeCloseTo(played.budget?.left ?? Number.NaN, 2);
});

test('the stage is left as it was found', () => {
  const stage = stageOf(objective, probed, t0 + 4 * dayMs, t0 + 5 * dayMs);
  const window = { fromMs: t0, toMs: t0 + 5 * dayMs };
  const before = stage.ledger.lines(window);
  play(
    stage,
    { objective, target: 0.999, probed, incident, vantages: 3, endMs: t0 + 5 * dayMs },
    fromMs,
    seededRandom(1),
  );
  expect(stage.ledger.lines(window)).toEqual(before);
});
