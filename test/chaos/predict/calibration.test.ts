import { expect, test } from 'vitest';
import { forecast } from '../../../chaos/predict.ts';
import { historiesOf } from '../../../chaos/timeline.ts';
import type { StageId } from '../../../contract/drill.ts';
import { compared } from '../../fakes/simulated-drill/compare.ts';
import { predictionInputFor } from '../../fakes/simulated-drill/predicted.ts';
import { simulatedDrill } from '../../fakes/simulated-drill.ts';

const seeds = Number(process.env['SEEDS'] ?? 500);
/** Enough for quantiles that are a few percent off at most. */
const runs = 1_000;

test('what was measured of undisturbed drills lies in the predicted 90 % interval about nine times in ten', () => {
  const low = new Map<string, number>();
  const inside = new Map<string, boolean[]>();
  for (let seed = 1; seed <= seeds; seed += 1) {
    const drill = simulatedDrill(seed, 'quick');
    const { settings } = drill;
    const calm = settings.strayRatio < 0.01 && settings.flaps === 0 && settings.missingRatio < 0.1;
    if (settings.kind !== 'plain' || settings.cutShort || !calm) continue;
    const predicted = {
      failover: forecast(predictionInputFor(settings, 'failover', seed), runs).stages,
      failback: forecast(predictionInputFor(settings, 'failback', seed), runs).stages,
    };
    for (const one of historiesOf(drill.facts).flatMap((history) => compared(drill, history))) {
      const range = one.client === 'fresh' ? predicted[one.way][one.stage as StageId] : undefined;
      if (range === undefined) continue;
      const ms = (one.found.lowerMs + one.found.upperMs) / 2;
      const key = `${one.way} ${one.stage}`;
      inside.set(key, [...(inside.get(key) ?? []), range.p5 <= ms && ms <= range.p95]);
      if (ms<range.p5) low.set(key,(low.get(key)??0)+1);
    }
  }
  const shares = [...inside].map(([key, all]) => [key, all.length, all.filter(Boolean).length / all.length, (low.get(key)??0)/all.length] as const);
  console.log(shares);
  expect(shares).toEqual([]);
});
