/** Facts in, verdict out. An interval that lies on one side of the target decides; anything else is inconclusive. */
import type { Indicator, Objective } from '../../contract/objective.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { judgeAvailability } from './availability.ts';
import type { WindowFacts } from './facts.ts';
import { judgeLatency } from './latency.ts';
import type { Reading } from './reading.ts';

/** What is known of where the samples come from. */
export type Witnesses = {
  /** Vantages of the scenario that may contribute. */
  readonly known: number;
  readonly healthy: number;
};

const judges: {
  readonly [K in Indicator['kind']]: (of: Extract<Indicator, { kind: K }>, facts: WindowFacts) => Reading;
} = {
  availability: judgeAvailability,
  latency: judgeLatency,
};

export function judge(objective: Objective, facts: WindowFacts, witnesses: Witnesses, final: boolean): Verdict {
  const { indicator } = objective;
  const reading =
    indicator.kind === 'availability' ? judges.availability(indicator, facts) : judges.latency(indicator, facts);
  const tooFew = objective.from === 'all' && witnesses.known > 1 && witnesses.healthy < 2;
  const status = tooFew ? 'inconclusive' : reading.status;
  const because = [
    reading.because,
    ...(facts.missing > 0 ? [toldMissing(facts.missing)] : []),
    ...(tooFew ? [`${witnesses.healthy} of ${witnesses.known} vantages are healthy, want 2 or more`] : []),
    ...(witnesses.known === 1 ? ['from this vantage only'] : []),
  ].join('; ');
  const { measured, target, n, interval, needed } = reading;
  const { id } = objective;
  return { id, status, because, measured, target, n, interval, needed, missing: facts.missing, at: facts.atMs, final };
}

function toldMissing(samples: number): string {
  return samples === 1 ? '1 expected sample is missing' : `${samples} expected samples are missing`;
}
