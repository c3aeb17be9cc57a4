/** A distribution for each stage, by drawing many runs from the settings. */
import type { Prediction, Quantiles, StageId } from '../../contract/drill.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import { quantile } from '../../contract/statistics.ts';
import { costMs, decidingChecker, type HealthCheckSettings, type PredictionInput, type Range } from './input.ts';

const runs = 10_000;

/** Milliseconds after the call, of one drawn run. */
type Run = { readonly [S in StageId]?: number };

export type Forecast = {
  readonly stages: Prediction;
  /** When a drawn run was served again, in rising order; empty when names never flip. */
  readonly firstGoodMs: readonly number[];
  /** What no run can beat; `null` when names never flip. */
  readonly leastMs: number | null;
  readonly input: PredictionInput;
};

export function forecast(input: PredictionInput): Forecast {
  const random = seededRandom(input.seed);
  const drawn = Array.from({ length: runs }, () => drawRun(input, random));
  const sorted = (stage: StageId): readonly number[] => drawn.flatMap((run) => run[stage] ?? []).sort((a, b) => a - b);
  const stages: { -readonly [S in StageId]?: Quantiles } = {};
  for (const stage of ['drain', 'last-served', 'detect', 'authority', 'resolver', 'first-good', 'last-bad'] as const) {
    const values = sorted(stage);
    if (values.length > 0) stages[stage] = quantilesOf(values);
  }
  return { stages, firstGoodMs: sorted('first-good'), leastMs: leastMs(input), input };
}

/** The stages of a drill before it runs: the 5th, 50th and 95th percentile of each. */
export function predict(input: PredictionInput): Prediction {
  return forecast(input).stages;
}

function quantilesOf(sorted: readonly number[]): Quantiles {
  const at = (q: number): number => Math.round(quantile(sorted, q) ?? 0);
  return { p5: at(0.05), p50: at(0.5), p95: at(0.95) };
}

function drawRun(input: PredictionInput, random: Random): Run {
  const drain = drawn(input.drain, random);
  const serving = drain + drawn(input.serving, random);
  const ready = { drain, 'last-served': serving };
  if (input.check === null) return ready;
  const detect = drain + drawDetection(input, input.check, random);
  const flips = Array.from({ length: input.nameservers }, () => detect + drawn(input.publish, random));
  const authority = Math.max(detect, ...flips);
  const resolver = drawResolver(input, flips, random);
  // A client has moved with its first attempt behind the resolver's flip; before, it may not have been let down yet.
  const firstGood = resolver + random() * input.burstEveryMs * 0.5;
  const suffered = input.way === 'failover' && serving < resolver;
  const lastBad = suffered ? { 'last-bad': resolver - random() * input.burstEveryMs * 0.5 } : {};
  return { ...ready, detect, authority, resolver, 'first-good': firstGood, ...lastBad };
}

/** Each checker meets the change at a random moment of its cycle and needs `threshold` tries in a row. */
export function drawDetection(input: PredictionInput, check: HealthCheckSettings, random: Random): number {
  const triesMs = input.way === 'failover' ? costMs[input.mode] : 0;
  const flips = Array.from(
    { length: check.checkers },
    () => random() * check.everyMs + (check.threshold - 1) * (check.everyMs + triesMs) + triesMs,
  ).sort((a, b) => a - b);
  return flips[decidingChecker(check.checkers, input.way) - 1] ?? 0;
}

/** A cache asks one of the name servers whenever its copy ends, and flips with the first that answers otherwise. */
function drawResolver(input: PredictionInput, flips: readonly number[], random: Random): number {
  const { remainingTtls, ttlMs, burstEveryMs } = input;
  const server = (): number => flips[Math.floor(random() * flips.length)] ?? 0;
  if (ttlMs <= 0) return server();
  const seen = remainingTtls[Math.floor(random() * remainingTtls.length)];
  let endsMs = seen === undefined ? random() * ttlMs : drawn(seen, random);
  // Until a name server that is asked has flipped, every refill leads back; each begins with the next question.
  while (endsMs < server()) endsMs += ttlMs + random() * burstEveryMs;
  return endsMs;
}

function drawn(range: Range, random: Random): number {
  return range.fromMs + random() * (range.toMs - range.fromMs);
}

/** With every phase at its luckiest. */
function leastMs(input: PredictionInput): number | null {
  const { check, way, mode } = input;
  if (check === null) return null;
  const triesMs = way === 'failover' ? costMs[mode] : 0;
  const detectMs = (check.threshold - 1) * (check.everyMs + triesMs) + triesMs;
  return input.drain.fromMs + detectMs + input.publish.fromMs;
}
