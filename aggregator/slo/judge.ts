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
  /** Vantages that contribute, or of which it is expected. */
  readonly known: number;
  /** Those that contribute. */
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
  /** That the window begins before what is kept: of the whole nothing is known. Absent, or `null`: all of it is kept. */
  readonly forgotten?: string | null;
  /** Why a pass is not to be built on; absent, or `null`: nothing speaks against it. */
  readonly doubt?: string | null;
};

export function judge(objective: Objective, evidence: Evidence, about: About): Verdict {
  const { atMs, witnesses, final, forgotten = null, doubt = null } = about;
  const { missing } = evidence;
  const { status: read, because: told, could, ...reading } = readingOf(objective, evidence);
  const worst = worstIn(objective, evidence);
  const alone = toldTooFew(objective, witnesses);
  // Of those that are left nobody could tell a target that fails from a vantage that does; of none, there is no word of now.
  const isOpen = alone !== null && (read === 'pass' || (objective.from === 'all' && witnesses.known > 1));
  const status = isOpen || forgotten !== null ? 'inconclusive' : read;
  const unvouched = alone !== null && status === 'inconclusive';
  // What more samples, or those that are missing, would change is not known of the whole either.
  const couldBe = forgotten === null ? could : undefined;
  const because = [
    ...(forgotten === null ? [] : [forgotten]),
    told,
    ...(worst === undefined ? [] : [toldWorst(worst)]),
    ...(missing > 0 ? [toldMissing(missing, couldBe)] : []),
    ...(isOpen ? [alone] : []),
    ...(witnesses.known === 1 ? ['from this vantage only'] : []),
  ].join('; ');
  const more = {
    ...(couldBe && { could: couldBe }),
    ...(forgotten !== null && { needed: null }),
    ...(worst && { worst }),
    ...(doubt !== null && { doubt }),
    ...(unvouched && { unvouched: witnesses }),
  };
  const isFinal = final && forgotten === null;
  return { id: objective.id, status, because, ...reading, ...more, missing, at: atMs, final: isFinal };
}

/** Whether too few vantages contribute to say what is; `null` when enough do. Drills are measured when they are made. */
function toldTooFew({ indicator, from }: Objective, { known, healthy }: Witnesses): string | null {
  const want = from === 'all' && known > 1 ? 2 : 1;
  if (indicator.kind === 'failover' || healthy >= want) return null;
  if (known === 0) return 'no vantage makes its check now, want 1 or more';
  if (healthy === 0) return `none of ${known} vantages contributes now, want ${want} or more`;
  return `${healthy} of ${known} vantages are healthy, want ${want} or more`;
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
