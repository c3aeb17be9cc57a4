import { expect, test } from 'vitest';
import { historiesOf } from '../../chaos/timeline.ts';
import { widthMs } from '../../contract/bounds.ts';
import { type Compared, compared } from '../fakes/simulated-drill/compare.ts';
import { type SimulatedDrill, simulatedDrill } from '../fakes/simulated-drill.ts';

const seeds = 1_000;
const calmSeeds = 300;

test('the bounds contain the truth in every one of a thousand drills with strays, flaps, overlap and drifting clocks', () => {
  const missed: string[] = [];
  let found = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const drill = simulatedDrill(seed, 'quick');
    for (const one of historiesOf(drill.facts).flatMap((history) => compared(drill, history))) {
      found += 1;
      if (!one.contains) missed.push(`seed ${seed}: ${JSON.stringify(one)}`);
    }
  }
  expect(missed).toEqual([]);
  expect(found).toBeGreaterThan(20 * seeds);
}, 240_000);

test('an undisturbed failover is known to the burst interval, two attempts and the clocks', () => {
  let checked = 0;
  for (let seed = 1; seed <= calmSeeds; seed += 1) {
    const drill = simulatedDrill(seed, 'quick');
    const { settings, facts } = drill;
    const calm = settings.strayRatio === 0 && settings.flaps === 0 && settings.missingRatio === 0;
    if (settings.kind !== 'plain' || settings.cutShort || !calm) continue;
    const found = historiesOf(facts).flatMap((history) => compared(drill, history));
    for (const one of found.filter(
      (it) => it.way === 'failover' && it.stage === 'first-good' && it.client === 'fresh',
    )) {
      checked += 1;
      expect(one.widthMs).toBeLessThanOrEqual(mostMs(drill, one));
    }
  }
  expect(checked).toBeGreaterThan(10);
});

/** Attempts begin up to 5 ms late; two clocks are known to 16 and 6 ms, and drift. */
function mostMs({ facts, settings }: SimulatedDrill, one: Compared): number {
  const near = facts.results.filter(
    (it) => it.vantage === one.vantage && it.check === 'client' && it.client === one.client,
  );
  const longestMs = Math.max(...near.map((result) => result.durationMs));
  const clocksMs = (facts.t0 === null ? 0 : widthMs(facts.t0)) + 16 + 6 + 20;
  return settings.burstEveryMs + 5 + 2 * longestMs + clocksMs;
}
