/** Evidence in, verdict out. An interval that lies on one side of the target decides; anything else is inconclusive. */
import type { Objective } from '../../contract/objective.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { judgeQuantile, type QuantileFacts } from './quantile.ts';
import { judgeRatio, type RatioFacts } from './ratio.ts';
import type { Reading } from './reading.ts';
import { judgeWeighted } from './weighted.ts';
import { toldWorst, worstRegion } from './worst.ts';

/** What is known of where the samples come from. */
export type Witnesses = {
  /** Vantages of the scenario that may contribute. */
  readonly known: number;
  readonly healthy: number;
};

/** What an objective's window comes to. */
export type Evidence = (({ readonly kind: 'ratio' } & RatioFacts) | ({ readonly kind: 'quantile' } & QuantileFacts)) & {
  /** Samples, or whatever is counted, that were expected and are not there. */
  readonly missing: number;
};

export type About = {
  readonly atMs: number;
  readonly witnesses: Witnesses;
  readonly final: boolean;
};

export function judge(objective: Objective, evidence: Evidence, { atMs, witnesses, final }: About): Verdict {
  const { missing } = evidence;
  const { status: read, because: told, ...reading } = readingOf(objective, evidence);
  const worst = worstIn(objective, evidence);
  const tooFew = objective.from === 'all' && witnesses.known > 1 && witnesses.healthy < 2;
  const status = tooFew ? 'inconclusive' : read;
  const because = [
    told,
    ...(worst === undefined ? [] : [toldWorst(worst)]),
    ...(missing > 0 ? [toldMissing(missing, reading.could)] : []),
    ...(tooFew ? [`${witnesses.healthy} of ${witnesses.known} vantages are healthy, want 2 or more`] : []),
    ...(witnesses.known === 1 ? ['from this vantage only'] : []),
  ].join('; ');
  return { id: objective.id, status, because, ...reading, ...(worst && { worst }), missing, at: atMs, final };
}

function worstIn({ indicator, region }: Objective, evidence: Evidence): Verdict['worst'] {
  if (region !== null || evidence.kind !== 'quantile' || evidence.regions === undefined) return undefined;
  return 'quantile' in indicator ? worstRegion(indicator, evidence.regions, evidence.designEffect) : undefined;
}

function readingOf({ indicator, weighting }: Objective, evidence: Evidence): Reading {
  if (indicator.kind === 'latency' || indicator.kind === 'replication-lag') {
    if (evidence.kind !== 'quantile') throw new Error(`evidence of a ${evidence.kind} for ${indicator.kind}`);
    const { regions } = evidence;
    if (weighting === undefined || regions === undefined) return judgeQuantile(indicator, evidence);
    return judgeWeighted(indicator, weighting, { ...evidence, regions });
  } else if (evidence.kind === 'ratio') {
    return judgeRatio(indicator.target, evidence);
  }
  throw new Error(`evidence of a ${evidence.kind} for ${indicator.kind}`);
}

function toldMissing(samples: number, could: Reading['could']): string {
  const told = samples === 1 ? '1 expected sample is missing' : `${samples} expected samples are missing`;
  if (could === undefined || could.worst.status === could.best.status) return told;
  return `${told}: were they all bad it would be ${could.worst.status}, all good ${could.best.status}`;
}
