/** What a zone is judged by: the zone as its API tells it, and what the scenario promises. */
import { isIP } from 'node:net';
import type { EntryExpectation, Scenario } from '../../../scenarios/scenario.ts';
import { canonicalName, isWithin, parentOf } from '../../../zone/names.ts';
import type { CheckerReport, HealthCheck, RecordSet, Zone } from '../../../zone/records.ts';

export type ZoneFacts = {
  readonly scenario: Scenario;
  readonly zone: Zone;
  readonly healthChecks: readonly HealthCheck[];
  /** `false`: they could not be read, and are here by their names alone. */
  readonly checksRead: boolean;
  /** Health check to what its checkers last said; absent: not asked, or no answer. */
  readonly status: Readonly<Record<string, readonly CheckerReport[]>>;
  /** Host of an endpoint outside of the zone to its addresses; absent: not known. */
  readonly resolved: Readonly<Record<string, readonly string[]>>;
};

export type AddressType = 'A' | 'AAAA';

/** An entry name of the scenario, and the part of the zone that answers for it. */
export type Entry = { readonly key: string; readonly name: string; readonly zone: Zone };

/** Where a region is: what answers that lead to it say, and how its door is reached. */
export type RegionPlace = {
  readonly region: string;
  /** Addresses, and canonical names of what stands for them: a load balancer that an alias leads to. */
  readonly values: ReadonlySet<string>;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
};

export type Surroundings = ZoneFacts & {
  readonly entries: readonly Entry[];
  readonly places: readonly RegionPlace[];
};

const mostHops = 16;

export function surroundingsOf(facts: ZoneFacts): Surroundings {
  const { scenario, zone } = facts;
  const entries = Object.entries(scenario.entry).flatMap(([key, url]) => {
    const name = canonicalName(hostOf(url));
    return isWithin(name, zone.name) ? [{ key, name, zone: partOf(zone, name) }] : [];
  });
  const places = Object.entries(scenario.regions).map(([region, { endpoint }]) => placeOf(region, endpoint, facts));
  return { ...facts, entries, places };
}

export function hostOf(url: string): string {
  return new URL(url).hostname.replaceAll(/^\[|\]$/g, '').toLowerCase();
}

/** The region that a value of an answer leads to. */
export function regionOf(value: string, places: readonly RegionPlace[]): string | undefined {
  return places.find(({ values }) => values.has(isIP(value) === 0 ? canonicalName(value) : value))?.region;
}

/** What a record leads to by itself: its addresses, or the name outside of the zone that it stands for. */
export function ownValues({ target }: RecordSet): readonly string[] {
  return target.kind === 'values' ? target.values : [target.name];
}

export function regionOfRecord(record: RecordSet, places: readonly RegionPlace[]): string | undefined {
  return ownValues(record)
    .map((value) => regionOf(value, places))
    .find((region) => region !== undefined);
}

/** What a drill promises of an entry with a region dark; `undefined` where no drill is about it. */
export function promiseOf(scenario: Scenario, entry: string, region: string): EntryExpectation | undefined {
  return scenario.drills
    .filter(({ fault }) => fault.region === region)
    .flatMap(({ expect }) => expect)
    .find((expectation) => expectation.entry === entry);
}

/** The records that an answer for a name can be made of: of ten thousand they are a few. */
function partOf(zone: Zone, entry: string): Zone {
  const wanted = new Set<string>();
  let open: readonly string[] = [entry];
  for (let hops = 0; hops < mostHops + 2 && open.length > 0; hops += 1) {
    const asked = new Set(open.flatMap((name) => namesFor(name, zone)).filter((name) => !wanted.has(name)));
    for (const name of asked) wanted.add(name);
    open = zone.records.filter((record) => asked.has(record.name)).flatMap(leadsTo);
  }
  // A name exists also where only names below it do.
  const below = [...wanted].map((name) => `.${name}`);
  const seen = new Set<string>();
  const records = zone.records.filter(({ name }) => {
    if (wanted.has(name)) return true;
    const above = below.find((end) => name.endsWith(end));
    if (above === undefined || above === `.${zone.name}` || seen.has(above)) return false;
    seen.add(above);
    return true;
  });
  return { ...zone, records };
}

/** The name, and what may speak for it: names above it, and their wildcards. */
function namesFor(name: string, zone: Zone): readonly string[] {
  const found: string[] = [name];
  for (let above = parentOf(name); above !== undefined && isWithin(above, zone.name); above = parentOf(above)) {
    found.push(above, `*.${above}`);
  }
  return found;
}

function leadsTo({ type, target }: RecordSet): readonly string[] {
  if (target.kind === 'alias') return [canonicalName(target.name)];
  return type === 'CNAME' ? target.values.map(canonicalName) : [];
}

function placeOf(region: string, endpoint: string, { zone, resolved }: ZoneFacts): RegionPlace {
  const url = new URL(endpoint);
  const host = hostOf(endpoint);
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const own = isIP(host) === 0 ? [canonicalName(host), ...addressesAt(canonicalName(host), zone, mostHops)] : [host];
  return { region, host, port, secure, values: new Set([...own, ...(resolved[host] ?? [])]) };
}

/** Of a name of the zone, its standby left out: the region's own. */
function addressesAt(name: string, zone: Zone, hops: number): readonly string[] {
  if (hops === 0) return [];
  return zone.records
    .filter((record) => record.name === name && ['A', 'AAAA', 'CNAME'].includes(record.type))
    .filter(({ routing }) => routing.policy !== 'failover' || routing.role === 'PRIMARY')
    .flatMap((record) => [
      ...(record.type === 'CNAME' ? leadsTo(record) : ownValues(record)),
      ...leadsTo(record).flatMap((next) => addressesAt(next, zone, hops - 1)),
    ]);
}
