import type { StoredResult } from '../../contract/api.ts';
import type { DrillFacts } from '../facts.ts';
import { clockOf } from '../timeline/clock.ts';
import type { Finding } from './sides.ts';

/**
 * Whether residency held all through the drill. Only a request that was served can break it: a refusal or an outage keeps
 * it. So "available but not compliant" is a fail, and no answer at all is not.
 */
export function judgeResidency(facts: DrillFacts, entry: string | null): Finding {
  const asked = since(facts).filter((result) => entry === null || result.entry === entry || result.entry === null);
  const broken = asked.filter(isBroken);
  const first = broken[0];
  if (first !== undefined) {
    const where = first.servedBy ?? first.region ?? 'an unknown region';
    return {
      status: 'fail',
      because: `available but not compliant: ${broken.length} of ${asked.length} residency checks were served against the rule, first at ${first.vantage} by ${where} (${first.reason ?? first.check})`,
    };
  }
  const served = asked.filter((result) => result.outcome === 'good').length;
  if (asked.length === 0) return { status: 'inconclusive', because: 'no residency check was made during the drill' };
  return {
    status: 'pass',
    because: `residency held in ${asked.length} checks (${served} as expected, ${asked.length - served} not served)`,
  };
}

/** Residency results that were not surely over before t0. */
function since(facts: DrillFacts): readonly StoredResult[] {
  const all = facts.results.filter((result) => result.check === 'residency' && result.outcome !== 'missing');
  return [...Map.groupBy(all, (result) => result.vantage).values()].flatMap((own) => {
    const clock = clockOf(facts, own);
    return own.filter((result) => clock !== undefined && clock.span(result).endMs >= clock.t0.lowerMs);
  });
}

/** Served where the rule wanted it elsewhere, or refused. */
function isBroken(result: StoredResult): boolean {
  const { status } = result.details;
  return result.outcome === 'bad' && status !== undefined && status >= 200 && status < 300;
}
