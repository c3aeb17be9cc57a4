/** Whoever dies and whenever: what a drill took away comes back, and nothing of the drill stays behind. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../contract/random.ts';
import { clock } from '../../lab/waiting.ts';
import { serversBuilt } from './binaries.ts';
import { type Kill, killIn, type Outcome, undisturbed, victims } from './kill.ts';
import { moments } from './moment.ts';
import { realWorld, type Shop, type World } from './world.ts';

/** Others for a try: the outcome is for any. */
const seed = Number(process.env['BLACKSTART_KILL_SEED'] ?? 20_261_121);
const kills = Number(process.env['BLACKSTART_KILLS'] ?? 200);
const lanes = 6;
const limitMs = 1_500_000;
const toldEvery = 40;

/** It lasts no longer than a process takes to end. */
const aimed = moments.filter((moment) => moment !== 'over');

/**
 * In any order: one runner in each moment, since chance alone may pass over a short one; and equal steps over the life
 * of a drill, for each victim, with a moment by chance in each step.
 */
function planned(): Kill[] {
  const random = seededRandom(seed);
  const byChance = kills - aimed.length;
  const steps = byChance / victims.length;
  const chosen = Array.from({ length: byChance }, (_, index): Kill => {
    const share = (Math.floor(index / victims.length) + random()) / steps;
    return { victim: victims[index % victims.length] ?? 'runner', aim: { share } };
  });
  const plans = [...aimed.map((moment): Kill => ({ victim: 'runner', aim: { moment } })), ...chosen];
  const inOrder = plans.map((plan) => ({ plan, order: random() })).toSorted((a, b) => a.order - b.order);
  return inOrder.map(({ plan }) => plan);
}

describe.skipIf(!serversBuilt())(`after ${kills} kills of runners, restorers and aggregators`, () => {
  let world: World | undefined;
  const outcomes: Outcome[] = [];
  afterAll(() => world?.close());

  beforeAll(async () => {
    const startedMs = clock.nowMs();
    const real = await realWorld();
    world = real;
    const shops: Shop[] = [];
    for (let number = 1; number <= lanes; number += 1) shops.push(await real.shop({ number }));
    const plans = planned();
    await Promise.all(
      shops.map(async (shop) => {
        const first = await undisturbed(shop);
        // On a machine that is this busy it may be inconclusive.
        expect([0, 1, 3], `${first.stdout}${first.stderr}`).toContain(first.code);
        expect(first.left).toEqual([]);
        let { life } = first;
        for (let plan = plans.pop(); plan !== undefined; plan = plans.pop()) {
          const outcome = await killIn(real, shop, plan, life);
          if ('victim' in outcome) {
            outcomes.push(outcome);
            if (outcomes.length % toldEvery === 0) tell(outcomes, (clock.nowMs() - startedMs) / 1_000);
          } else {
            // It was over already: drills are quicker now.
            life = outcome;
            plans.push(plan);
          }
        }
      }),
    );
    tell(outcomes, (clock.nowMs() - startedMs) / 1_000);
  }, limitMs);

  test('everything is as it was, each time', () => {
    expect(outcomes).toHaveLength(kills);
    expect(outcomes.filter(({ left }) => left.length > 0)).toEqual([]);
  });

  test('the replicas were back before any operator came', () => {
    expect(outcomes.filter(({ mendedMs }) => mendedMs === null)).toEqual([]);
  });

  test('no runner that lived said that something needs a person', () => {
    expect(outcomes.filter(({ code }) => code === 5 || code === 70)).toEqual([]);
  });

  test('the kills fell into every phase', () => {
    const seen = new Set(outcomes.map(({ moment }) => moment));
    for (const moment of aimed) expect(seen).toContain(moment);
  });
});

/** How many fell where. */
function tell(outcomes: readonly Outcome[], tookSeconds: number): void {
  const names = [...new Set(victims)];
  const rows = moments.map((moment) => {
    const counts = names.map((name) => outcomes.filter((one) => one.moment === moment && one.victim === name).length);
    return `${moment.padEnd(14)}${counts.map((count) => String(count).padStart(12)).join('')}`;
  });
  const waits = outcomes.flatMap(({ victim, mendedMs }) =>
    victim === 'runner' && mendedMs !== null ? [mendedMs] : [],
  );
  const [longest] = waits.toSorted((a, b) => b - a);
  const bad = outcomes.filter(({ left, mendedMs, code }) => left.length > 0 || mendedMs === null || code === 5).length;
  const head = `seed ${seed}: ${outcomes.length} kills in ${tookSeconds.toFixed(0)} s; after a runner's, replicas were back within ${longest?.toFixed(0)} ms; ${bad} left something`;
  process.stdout.write(
    `${head}\n${''.padEnd(14)}${names.map((name) => name.padStart(12)).join('')}\n${rows.join('\n')}\n`,
  );
}
