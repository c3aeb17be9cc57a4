import type { StoredResult } from '../../contract/api.ts';
import type { Row } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { between, drillOf } from './drill-facts.ts';
import { described, isServed } from './residency.ts';
import { counted, type Finding, fail, inconclusive, listed, pass, row, tallied } from './row.ts';

type Compliance = {
  readonly drills: readonly string[];
  /** Of users whom the rule is for. */
  readonly countries: readonly string[];
  /** Regions that may serve and store them. */
  readonly regions: readonly string[];
  /** Vantages whose clients are such users, by where they are, and the entry name that leads them. */
  readonly vantages: readonly string[];
  readonly entry: string;
};

const attemptsNeeded = 5;

/** Available but not compliant is a fail: in no drill was a user served or stored where the rule forbids it. */
export function complianceRow(facts: Facts, design: Compliance): Row {
  const limit = `users of the EU and GB served and stored only in ${design.regions.join(' or ')}, all through every drill`;
  const found = design.drills.map((name) => drillOf(facts, name));
  const evidence = found.map((drill, index) => (typeof drill === 'string' ? (design.drills[index] ?? '') : drill.id));
  return row({ id: 'failover.residency', limit, evidence }, judge());

  function judge(): Finding {
    const attempts = facts.drillResults.filter((result) => isConcerned(result, design));
    const breaches = attempts.filter((attempt) => isServed(attempt) && isOutside(attempt, design.regions));
    const text = `${breaches.length} of ${counted(attempts.length, 'attempt')} of these users were served or stored outside`;
    if (breaches.length > 0)
      return fail(`${text}: ${listed(tallied(breaches.map(described)))}`, measuredOf(breaches.length));
    for (const drill of found) {
      if (typeof drill === 'string') return inconclusive(drill, measuredOf(0));
      const untilMs = drill.restoreCalled?.upperMs ?? 0;
      const own = between(attempts, drill.t0?.lowerMs ?? 0, untilMs).filter(
        ({ details }) => details.status !== undefined,
      );
      const short = `${counted(own.length, 'answer')} to these users in drill ${drill.name} before its restore, want at least ${attemptsNeeded}`;
      if (own.length < attemptsNeeded) return inconclusive(short, measuredOf(0));
    }
    return pass(text, measuredOf(0));
  }
}

function measuredOf(breaches: number) {
  return { value: breaches, lower: breaches, upper: breaches, unit: 'breaches' };
}

function isConcerned(result: StoredResult, { countries, vantages, entry }: Compliance): boolean {
  const { userCountry } = result.details;
  return userCountry === undefined
    ? vantages.includes(result.vantage) && result.entry === entry && result.details.status !== undefined
    : countries.includes(userCountry);
}

function isOutside({ servedBy, details }: StoredResult, regions: readonly string[]): boolean {
  return !regions.includes(servedBy ?? '') || (details.storedIn !== undefined && !regions.includes(details.storedIn));
}
