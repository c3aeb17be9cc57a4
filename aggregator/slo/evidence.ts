/** Evidence from the facts of one window, where there is no ledger: they were added up elsewhere, or by hand. */
import type { Objective } from '../../contract/objective.ts';
import { lieOf, type Span, sliceWidthMs, widened } from '../../contract/slo/spans.ts';
import { countUnder } from '../slices/histogram.ts';
import { emptyAccount } from './account.ts';
import { blockMsOf, emptyCrowd, joinCrowd, measuredEffect } from './bursts.ts';
import { blocksOf, effectBetween, emptyClumps, joinClumps } from './clumps.ts';
import type { WindowFacts } from './facts.ts';
import type { Evidence } from './judge.ts';

type Facts = Omit<WindowFacts, 'vantages'>;

/** Sums do not show it. The phrase is for people. */
export type Untold = { readonly kind: 'untold'; readonly because: string };

/** `drilled`: the time of drills, merged. */
export function evidenceOf(objective: Objective, facts: Facts, drilled: readonly Span[]): Evidence | Untold {
  const because = untoldIn(objective, facts, drilled);
  if (because !== null) return { kind: 'untold', because };
  const { indicator, windowMs, burstMs, missing: policy = 'exclude' } = objective;
  const { good, bad, missing, durations, samplesMs } = facts;
  const stated = burstMs === undefined ? null : statedIn(facts, burstMs, policy !== 'exclude');
  if (indicator.kind === 'latency' || indicator.kind === 'replication-lag') {
    return { kind: 'quantile', good, bad, durations, samplesMs, designEffect: stated ?? 1, missing };
  }
  const crowd = emptyCrowd();
  for (const slice of facts.slices) joinCrowd(crowd, blockMsOf(windowMs), slice);
  const designEffect = stated ?? measuredEffect(crowd, emptyCrowd());
  const account = { ...emptyAccount(), good, bad, missing };
  if (indicator.kind === 'latency-under') {
    const { under, cut } = countUnder(durations, indicator.limitMs / 1_000);
    Object.assign(account, { good: under, bad: bad + good - under - cut, unsure: cut });
  }
  return { kind: 'ratio', account, policy, designEffect, noun: 'samples', missing };
}

/** Sums have neither slices of time, ages, drills, leaks, what was held, nor regions by weight; nor what lies in a part of them. */
function untoldIn(objective: Objective, facts: Facts, drilled: readonly Span[]): string | null {
  const { indicator, exclusions = [], drills, weighting, timeSlices, missing } = objective;
  const { fromMs, atMs, good, durations, samplesMs } = facts;
  const isTimed = 'targetMs' in indicator || indicator.kind === 'latency-under';
  const known = 'targetMs' in indicator && samplesMs !== null ? samplesMs.length : durations.count;
  if (!isTimed && indicator.kind !== 'availability') return indicator.kind;
  if (weighting !== undefined) return 'regions by their weight';
  if (timeSlices !== undefined) return 'slices of time';
  if (missing === 'hold' && !('targetMs' in indicator)) return 'what missing results are held to be';
  const isTouched = (spans: readonly Span[]): boolean =>
    lieOf(widened(spans, sliceWidthMs), { fromMs, toMs: atMs }) !== 'apart';
  if (isTouched(exclusions)) return 'what an exclusion in the window leaves out';
  if (drills === 'excluded' && isTouched(drilled)) return 'what a drill in the window broke, and is left out';
  // A good result without its duration would be counted as slow.
  return isTimed && known !== good ? `how long ${good} good results took, but of ${known}` : null;
}

/** Within slices that are wider than a block results are taken as evenly spread: these sums do not say how they lie. */
function statedIn({ slices }: Facts, burstMs: number, countsMissing: boolean): number {
  const blocks = blocksOf(burstMs);
  const clumps = emptyClumps();
  for (const slice of slices) {
    const { atMs, widthMs } = slice;
    const n = slice.good + slice.bad + (countsMissing ? slice.missing : 0);
    const squares = (n * n * blocks.blockMs) / widthMs;
    joinClumps(clumps, blocks, { atMs, widthMs, lie: { squares, head: 0, shiftedSquares: squares, tail: 0 } }, n);
  }
  return effectBetween(clumps, emptyClumps(), blocks);
}
