/** Evidence from the facts of one window, where there is no ledger: they were added up elsewhere, or by hand. */
import type { Objective } from '../../contract/objective.ts';
import { countUnder } from '../slices/histogram.ts';
import { emptyAccount } from './account.ts';
import { blockMsOf, emptyCrowd, joinCrowd, measuredEffect } from './bursts.ts';
import { blocksOf, effectBetween, emptyClumps, joinClumps } from './clumps.ts';
import type { WindowFacts } from './facts.ts';
import type { Evidence } from './judge.ts';

type Facts = Omit<WindowFacts, 'atMs' | 'fromMs' | 'vantages'>;

/** `undefined` of what sums do not show: slices of time, ages, drills, leaks, what was held, and regions by weight. */
export function evidenceOf(objective: Objective, facts: Facts): Evidence | undefined {
  const { indicator, windowMs, burstMs, missing: policy = 'exclude' } = objective;
  const { good, bad, missing, durations, samplesMs } = facts;
  const stated = burstMs === undefined ? null : statedIn(facts, burstMs, policy !== 'exclude');
  if (objective.weighting !== undefined) return undefined;
  if (indicator.kind === 'latency' || indicator.kind === 'replication-lag') {
    return { kind: 'quantile', good, bad, durations, samplesMs, designEffect: stated ?? 1, missing };
  }
  const isOfSums = !['freshness', 'failover', 'residency'].includes(indicator.kind) && policy !== 'hold';
  if (!isOfSums || objective.timeSlices !== undefined) return undefined;
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
