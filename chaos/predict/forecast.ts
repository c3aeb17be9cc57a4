/** A distribution for each stage, by drawing many runs from the settings. */
import { type Prediction, type Quantiles, type StageId, stageIds } from '../../contract/drill.ts';
import type { FailureMode } from '../../contract/failure-mode.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import { quantile } from '../../contract/statistics.ts';
import { decidingChecker, type HealthCheckSettings, type PredictionInput, type Range, tryMs } from './input.ts';

const runsDrawn = 10_000;

/** Milliseconds after the call, of one drawn run. */
type Run = { readonly [S in StageId]?: number };

export type Forecast = {
  readonly stages: Prediction;
  /** When a drawn run was served again, in rising order; empty when names never flip. */
  readonly firstGoodMs: readonly number[];
  /** What no run can beat; `null` when names never flip, or nobody knows when. */
  readonly leastMs: number | null;
  readonly input: PredictionInput;
};

/** How long a region that stood in goes on answering is not predicted. */
const drawnStages = stageIds.filter((stage) => stage !== 'residual');

export function forecast(input: PredictionInput, runs = runsDrawn): Forecast {
  const random = seededRandom(input.seed);
  const all = Array.from({ length: runs }, () => drawRun(input, random));
  const sorted = (stage: StageId): readonly number[] => all.flatMap((run) => run[stage] ?? []).sort((a, b) => a - b);
  const stages: { -readonly [S in StageId]?: Quantiles } = {};
  for (const stage of drawnStages) {
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

/** The middle of the bounds that a report would show: the true moment, and beside it what the measuring makes of it. */
function drawRun(input: PredictionInput, random: Random): Run {
  const { burstEveryMs, statusEveryMs, endpointsEveryMs, attemptMs, failMs, directFailMs = failMs, way } = input;
  const { firstMs: drain, allMs } = drawPods(input, random);
  const { served: seenServed = [] } = input;
  const served = seenServed.length > 0 ? drawn(seenServed, random) : Math.max(0, drain + drawn(input.serving, random));
  // One that is refused or told so may have been under way for any of its time.
  const letDownMs = directFailMs > attemptMs ? directFailMs : directFailMs / 2;
  const full = way === 'failback' ? { capacity: shown(allMs, endpointsEveryMs, random) } : {};
  // On the way out the region is asked by its entry name and by its own endpoint: the last of both that was served, and
  // the first of both that was let down.
  const nearest = (): number => Math.min(random(), random()) * burstEveryMs;
  const lastServed =
    way === 'failover'
      ? (Math.max(0, served - nearest()) + served + nearest() + letDownMs) / 2
      : shown(served, burstEveryMs, random);
  const ready = { drain: shown(drain, endpointsEveryMs, random), ...full, 'last-served': lastServed };
  const detect = input.check === null ? null : served + drawDetection(input, input.check, random);
  const emptied = input.targets.length === 0 ? null : drain + drawn(input.targets, random);
  const turned = turnedMs(input, detect, emptied);
  if (turned === null) return ready;
  // All name servers hear of it in times of one order.
  const publishing = picked(input.publish, random);
  const flips = Array.from({ length: input.nameservers }, () => turned + within(publishing, random));
  // All of them are one moment in a report: the middle between the first and the last.
  const authority = (Math.min(...flips) + Math.max(...flips)) / 2;
  const resolver = drawResolver(input, flips, random);
  // Somewhere in a gap between two attempts the resolver flips: the one before is let down, the one behind is served.
  const behind = resolver + random() * burstEveryMs;
  const before = behind - burstEveryMs;
  // What hangs until the region is back ends when that comes.
  const suffered = way === 'failover' && served < before && failMs <= input.holdMs;
  return {
    ...ready,
    ...(detect === null ? {} : { detect: shown(detect, statusEveryMs, random) }),
    authority: shown(authority, burstEveryMs, random),
    resolver: shown(resolver, burstEveryMs, random),
    'first-good': Math.max(0, (before + behind + attemptMs) / 2),
    ...(suffered ? { 'last-bad': before + failMs / 2 } : {}),
  };
}

/** Where there are both, names that either leads away leave with the first, and are back with the last; else the other way. */
function turnedMs({ way, needs }: PredictionInput, byCheck: number | null, byTargets: number | null): number | null {
  if (byCheck === null || byTargets === null) return byCheck ?? byTargets;
  const isFirst = (way === 'failover') === (needs === 'either');
  return isFirst ? Math.min(byCheck, byTargets) : Math.max(byCheck, byTargets);
}

/** A moment that looks `everyMs` apart have between them, none of them earlier than the call. */
function shown(atMs: number, everyMs: number, random: Random): number {
  const nextMs = atMs + random() * everyMs;
  return (Math.max(0, nextMs - everyMs) + nextMs) / 2;
}

/** When the last endpoint is gone, or the first and all of them are back. */
function drawPods(input: PredictionInput, random: Random): { readonly firstMs: number; readonly allMs: number } {
  const { pods, drain, filling } = input;
  if (pods === null) {
    const firstMs = drawn(drain, random);
    return { firstMs, allMs: firstMs + Math.max(0, drawn(filling, random)) };
  }
  // Pods of one workload start alike.
  const starting = picked(pods.starting, random);
  const ready = Array.from({ length: pods.replicas }, () => within(starting, random));
  return { firstMs: Math.min(...ready), allMs: Math.max(...ready) };
}

/** A good look is three round trips; its answer, by which it counts, is under way for half of the last. */
const goodWay = 1 / 6;
/** So much of a good look's way has one that fails, besides what it waits: a refusal is one round trip, as is a connection. */
const failingWays: Readonly<Record<FailureMode, number>> = {
  'status-503': 1,
  refused: 1 / 3,
  hung: 1 / 3,
  'black-hole': 0,
};

/**
 * From the end of service to when a first look has failed, but for what it waits. `answerMs`: when the next look would be
 * answered. A status is in the answer; the others fail from their connection on, and so do looks that are under way.
 */
function firstFailureMs(mode: FailureMode, answerMs: number, wayMs: number): number {
  if (mode === 'status-503') return answerMs + wayMs * goodWay;
  const beganMs = answerMs - wayMs;
  return (mode === 'refused' ? Math.max(0, beganMs) : beganMs) + wayMs * failingWays[mode];
}

/** From the end of service on, or from its return: each checker meets it at a random moment of its cycle. */
export function drawDetection(input: PredictionInput, check: HealthCheckSettings, random: Random): number {
  const { way, mode, look } = input;
  const failingMs = tryMs(check, mode);
  const [beforeMs, afterMs] = way === 'failover' ? [0, failingMs] : [failingMs, 0];
  // While tries fail, cycles are longer and the checkers stay as close together as they were before: all of them are
  // somewhere in that cycle together.
  const togetherMs = beforeMs === 0 ? 0 : random() * (check.everyMs + beforeMs);
  const flips = Array.from({ length: check.checkers }, () => {
    // The way there and back is each checker's own, and the same at every try.
    const wayMs = within(look, random);
    const cycleMs = check.everyMs + wayMs + beforeMs;
    const phaseMs = (togetherMs + random() * (check.everyMs + wayMs)) % cycleMs;
    const again = (part: number): number => (check.threshold - 1) * (check.everyMs + wayMs * part + afterMs) + afterMs;
    if (way === 'failback') return phaseMs + again(1) + wayMs * goodWay;
    return firstFailureMs(mode, phaseMs, wayMs) + again(failingWays[mode]);
  }).sort((a, b) => a - b);
  return flips[decidingChecker(check.checkers, way) - 1] ?? 0;
}

/** A cache asks one of the name servers whenever its copy ends, and flips with the first that answers otherwise. */
function drawResolver(input: PredictionInput, flips: readonly number[], random: Random): number {
  const { copies, ttlMs, burstEveryMs } = input;
  const server = (): number => picked(flips, random) ?? 0;
  const seen = picked(copies, random);
  const lengthMs = seen?.lengthMs ?? ttlMs;
  if (lengthMs <= 0) return server();
  // One that nobody has looked at ends at any time; after an outage of many TTLs none is as it was seen.
  let endsMs = seen === undefined ? random() * lengthMs : within(seen, random);
  // Until a name server that is asked has flipped, every refill leads back; each begins with the next question, and all
  // that a vantage asks in a burst is asked at once.
  while (endsMs < server()) endsMs += lengthMs + random() * burstEveryMs;
  return endsMs;
}

function drawn(ranges: readonly Range[], random: Random): number {
  return within(picked(ranges, random), random);
}

function picked<T>(values: readonly T[], random: Random): T | undefined {
  return values[Math.floor(random() * values.length)];
}

function within(range: Range | undefined, random: Random): number {
  return range === undefined ? 0 : range.fromMs + random() * (range.toMs - range.fromMs);
}

function least(ranges: readonly Range[]): number {
  return ranges.length === 0 ? 0 : Math.min(...ranges.map(({ fromMs }) => fromMs));
}

/** With every phase at its luckiest. */
function leastMs(input: PredictionInput): number | null {
  const { check, way, mode, pods, targets } = input;
  const firstMs = least(pods === null ? input.drain : pods.starting);
  // A target that has no connections is gone at once.
  const byTargets = targets.length === 0 ? null : firstMs;
  let byCheck: number | null = null;
  if (check !== null) {
    const failingMs = way === 'failover' ? tryMs(check, mode) : 0;
    const triesMs = (check.threshold - 1) * (check.everyMs + failingMs) + failingMs;
    byCheck = Math.max(0, firstMs + least(input.serving)) + triesMs;
  }
  const turned = turnedMs(input, byCheck, byTargets);
  return turned === null ? null : turned + Math.max(0, least(input.publish));
}
