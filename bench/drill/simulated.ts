/** Seeded drills in simulated time: how wide their bounds are, and how often what was true lies in what was predicted. */
import { predict } from '../../chaos/predict.ts';
import { historiesOf } from '../../chaos/timeline.ts';
import { contains, overlap } from '../../contract/bounds.ts';
import type { Prediction, StageId } from '../../contract/drill.ts';
import { quantile } from '../../contract/statistics.ts';
import { formatMs, formatRatio } from '../../contract/units.ts';
import { type Compared, compared } from '../../test/fakes/simulated-drill/compare.ts';
import { isUndisturbed, predictionInputFor } from '../../test/fakes/simulated-drill/predicted.ts';
import { type SimulatedDrill, simulatedDrill } from '../../test/fakes/simulated-drill.ts';

type Predicted = { readonly failover: Prediction; readonly failback: Prediction };

type Tally = {
  readonly widthsMs: number[];
  found: number;
  missed: number;
  /** Of what was predicted: the middle of the bounds lies in it, as reports show it; the truth does; the bounds meet it. */
  inside: number;
  trueInside: number;
  met: number;
  predicted: number;
};

/** Prints its table. `false`: the bounds of some stage miss the truth. */
export function simulatedDrills(drills: number, first: number): boolean {
  const tallies = new Map<string, Tally>();
  const misses: string[] = [];
  for (let seed = first; seed < first + drills; seed += 1) {
    const drill = simulatedDrill(seed, 'varied');
    const predicted = predictionFor(drill, seed);
    for (const one of historiesOf(drill.facts).flatMap((history) => compared(drill, history))) {
      count(tallies, one, predicted);
      if (!one.contains) misses.push(`seed ${seed}: ${JSON.stringify(one)}`);
    }
  }
  print(tallies, drills, first);
  for (const miss of misses) console.log(miss);
  return misses.length === 0;
}

function predictionFor({ settings }: SimulatedDrill, seed: number): Predicted {
  if (!isUndisturbed(settings)) return { failover: {}, failback: {} };
  return {
    failover: predict(predictionInputFor(settings, 'failover', seed)),
    failback: predict(predictionInputFor(settings, 'failback', seed)),
  };
}

function count(tallies: Map<string, Tally>, one: Compared, predicted: Predicted): void {
  const key = `${one.way} | ${one.client} | ${one.stage}`;
  const tally = tallies.get(key) ?? {
    widthsMs: [],
    found: 0,
    missed: 0,
    inside: 0,
    trueInside: 0,
    met: 0,
    predicted: 0,
  };
  tallies.set(key, tally);
  tally.found += 1;
  tally.widthsMs.push(one.widthMs);
  if (!one.contains) tally.missed += 1;
  const range = one.client === 'fresh' ? predicted[one.way][one.stage as StageId] : undefined;
  if (range === undefined) return;
  // Where there are several (one a name server), the prediction is of the middle between the first and the last.
  const within = one.truthsMs.filter((ms) => contains(one.found, ms));
  const moments = within.length > 0 ? within : one.truthsMs;
  const trueMs = (Math.min(...moments) + Math.max(...moments)) / 2;
  const isIn = (ms: number): boolean => range.p5 <= ms && ms <= range.p95;
  tally.predicted += 1;
  if (isIn((one.found.lowerMs + one.found.upperMs) / 2)) tally.inside += 1;
  if (isIn(trueMs)) tally.trueInside += 1;
  if (overlap(one.found, { lowerMs: range.p5, upperMs: range.p95 }) !== undefined) tally.met += 1;
}

function print(tallies: Map<string, Tally>, drills: number, seed: number): void {
  console.log(`${drills} drills in simulated time, seeds ${seed} to ${seed + drills - 1}\n`);
  console.log(
    '| side | clients | stage | found | contain the truth | width p50 | width p95 | measured in predicted 90 % | truth in it | bounds meet it |',
  );
  console.log('|---|---|---|---:|---:|---:|---:|---:|---:|---:|');
  for (const [key, tally] of [...tallies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const widths = tally.widthsMs.sort((a, b) => a - b);
    const width = (q: number): string => formatMs(quantile(widths, q) ?? 0);
    const of = (hits: number): string =>
      tally.predicted === 0 ? '' : `${formatRatio(hits / tally.predicted)} of ${tally.predicted}`;
    const right = formatRatio((tally.found - tally.missed) / tally.found);
    console.log(
      `| ${key} | ${tally.found} | ${right} | ${width(0.5)} | ${width(0.95)} | ${of(tally.inside)} | ${of(tally.trueInside)} | ${of(tally.met)} |`,
    );
  }
  const all = [...tallies.values()];
  const found = all.reduce((sum, tally) => sum + tally.found, 0);
  const missed = all.reduce((sum, tally) => sum + tally.missed, 0);
  const predicted = all.reduce((sum, tally) => sum + tally.predicted, 0);
  const inside = all.reduce((sum, tally) => sum + tally.inside, 0);
  const share = `${formatRatio(inside / predicted)} of ${predicted} measured lie in the predicted 90 %`;
  console.log(`\n${found} stages found, ${missed} whose bounds miss the truth; ${share}`);
}
