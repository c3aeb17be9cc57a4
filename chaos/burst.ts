import type { Check, DnsCheck } from '../contract/check.ts';
import { assignmentOf, httpCheckAt, httpCheckFor } from '../scenarios/compile.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { BurstCheck } from './facts.ts';

/** A vantage that takes part, and the region whose users it stands for. */
export type Vantage = { readonly vantage: string; readonly region: string };

export type BurstPlan = {
  readonly drill: string;
  /** Entry names, by their keys. */
  readonly entries: readonly string[];
  /** The region taken away; several while nobody knows which it will be. */
  readonly regions: readonly string[];
  readonly vantages: readonly Vantage[];
  /** `address:port` of each authoritative server. */
  readonly nameservers: readonly string[];
  readonly everyMs: number;
};

/** Writes are not repeated as fast as reads: they fill stores and logs. */
const residencyEveryMs = 500;
const dnsTimeoutMs = 2_000;

/** What a drill asks the fleet for: as often as the drill says, and more slowly what writes. */
export type Bursts = {
  readonly fast: { readonly everyMs: number; readonly checks: readonly Check[] };
  readonly slow: { readonly everyMs: number; readonly checks: readonly Check[] };
};

/** The checks of a drill's burst, by the names of `burstChecks`. Ids are unique over all drills. */
export function burstOf(scenario: Scenario, plan: BurstPlan): Bursts {
  const slowMs = Math.max(residencyEveryMs, plan.everyMs);
  const fast = [
    ...plan.entries.flatMap((entry) => [
      named(plan, 'client', entry, { ...httpCheckFor(scenario, entry), entry }),
      named(plan, 'resolver', entry, dnsCheck(scenario, entry, {})),
      ...authorityChecks(scenario, plan, entry),
    ]),
    ...plan.regions.map((region) => named(plan, 'direct', region, httpCheckAt(scenario, region))),
  ];
  const slow = assignmentOf(scenario, 0, plan.nameservers)
    .checks.filter((check) => check.kind === 'residency')
    .map((check) => ({ ...named(plan, 'residency', check.id, check), vantages: check.vantages, everyMs: slowMs }));
  return { fast: { everyMs: plan.everyMs, checks: fast }, slow: { everyMs: slowMs, checks: slow } };
}

/** Each name server, asked by each vantage as the users of its place would be answered. */
function authorityChecks(scenario: Scenario, plan: BurstPlan, entry: string): readonly Check<'dns'>[] {
  const seenPlaces = groupedByPlace(scenario, plan.vantages);
  return plan.nameservers.flatMap((server) =>
    [...seenPlaces].map(([place, vantages]) => {
      const subnet = place === null ? null : (scenario.places[place]?.subnet ?? null);
      const check = dnsCheck(scenario, entry, { server, subnet, place });
      // At the same instants: their flips are told in one, from the first server's to the last one's.
      const together = `${plan.drill}/authority/${entry}`;
      return { ...named(plan, 'authority', `${entry}/${place ?? 'anywhere'}@${server}`, check), vantages, together };
    }),
  );
}

function groupedByPlace(scenario: Scenario, vantages: readonly Vantage[]): Map<string | null, readonly string[]> {
  const places = new Map<string | null, readonly string[]>();
  for (const { vantage, region } of vantages) {
    const place = scenario.regions[region]?.place ?? null;
    places.set(place, [...(places.get(place) ?? []), vantage]);
  }
  return places;
}

function dnsCheck(
  scenario: Scenario,
  entry: string,
  asked: Partial<Pick<DnsCheck, 'server' | 'subnet' | 'place'>>,
): Check<'dns'> {
  return {
    id: entry,
    name: entry,
    target: scenario.service,
    region: null,
    entry,
    vantages: null,
    everyMs: 0,
    timeoutMs: dnsTimeoutMs,
    kind: 'dns',
    hostname: new URL(scenario.entry[entry] ?? 'http://localhost').hostname,
    recordType: 'A',
    server: asked.server ?? null,
    subnet: asked.subnet ?? null,
    place: asked.place ?? null,
    expectRegions: null,
  };
}

function named<C extends Check>(plan: BurstPlan, name: BurstCheck, what: string, check: C): C {
  return { ...check, id: `${plan.drill}/${name}/${what}`, name, everyMs: plan.everyMs, vantages: null };
}
