/** What an objective can and cannot do at the rate at which it is probed, in sentences: before anybody pays for it. */
import type { Objective } from '../../contract/objective.ts';
import { ratioAtLeast, ratioSamplesNeeded } from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import { type BurnPair, burnPairs, canNeverFire, leastToFire } from './burn.ts';
import { alpha } from './reading.ts';

/** How often its check is made, over all vantages and regions that count. */
export type Probing = { readonly everyMs: number; readonly perRound: number };

const minuteMs = 60_000;

export function sentencesOn(objective: Objective, { everyMs, perRound }: Probing): readonly string[] {
  const { indicator, windowMs, burstMs } = objective;
  if (indicator.kind === 'latency' || indicator.kind === 'replication-lag' || indicator.kind === 'failover') return [];
  const { target } = indicator;
  const isByTime = objective.timeSlices !== undefined || indicator.kind === 'freshness';
  const stepMs = isByTime ? (objective.timeSlices?.sliceMs ?? 10_000) : everyMs / perRound;
  const rate = `at ${rateOf(everyMs, perRound)}`;
  const window = formatMs(windowMs);
  const n = Math.floor(windowMs / stepMs);
  const effect = burstMs === undefined ? 1 : Math.max(1, Math.min(n, Math.ceil(burstMs / stepMs)));
  return [
    `${percent(target)} of ${window} leaves ${formatMs((1 - target) * windowMs)} for failure`,
    ...shown(target, { n, effect, rate, window }),
    ...(isByTime ? [] : burnPairs(windowMs).flatMap((pair) => alerts(pair, target, stepMs, rate))),
    ...(burnPairs(windowMs).length === 0 ? [`${window} is too short for burn rates: no pair of windows fits`] : []),
  ];
}

type Window = { readonly n: number; readonly effect: number; readonly rate: string; readonly window: string };

/** Whether the window holds enough samples, if none of them fails. */
function shown(target: number, { n, effect, rate, window }: Window): readonly string[] {
  const needed = ratioSamplesNeeded({ good: 0, n: 0, target, designEffect: effect, alpha });
  if (n >= needed) return [];
  const coarse = 1 - 10 * (1 - target);
  const worth = effect > 1 ? `, worth ${Math.max(1, Math.floor(n / effect))} as outages may last` : '';
  const told = `${rate}, ${window} has ${n} samples${worth}: ${percent(target)} takes ${needed} without a failure`;
  const least = n === 0 ? 0 : ratioAtLeast(n / effect, n / effect, alpha / 2);
  return coarse > 0 && least < coarse
    ? [told, `${rate}, ${window} cannot tell ${percent(target)} from ${percent(coarse)}`]
    : [told];
}

/** What it takes for a pair to fire. */
function alerts(pair: BurnPair, target: number, stepMs: number, rate: string): readonly string[] {
  const name = `${pair.severity} at ${Number(pair.factor.toFixed(2))} times over ${formatMs(pair.longMs)}`;
  if (canNeverFire(pair, target)) {
    return [`${name}: this rule can never fire, it asks for more than everything to fail`];
  }
  const n = Math.floor(pair.longMs / stepMs);
  const inShort = pair.shortMs / stepMs;
  const least = leastToFire(n, pair, target);
  if (least === null) return [`${name}: this rule can never fire ${rate}, ${n} samples prove nothing`];
  const told = `${name}: ${rate}, ${least} of ${n} probes must fail`;
  const byRatio = Math.floor(n * pair.factor * (1 - target)) + 1;
  return [
    byRatio === 1 ? `${told}; by the ratio alone one failure would fire` : told,
    ...(inShort < 1 ? [`${name}: ${rate}, its short window of ${formatMs(pair.shortMs)} is mostly empty`] : []),
  ];
}

function rateOf(everyMs: number, perRound: number): string {
  const probes = perRound === 1 ? 'one probe' : `${perRound} probes`;
  return everyMs === minuteMs ? `${probes} a minute` : `${probes} every ${formatMs(everyMs)}`;
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(6))} %`;
}
