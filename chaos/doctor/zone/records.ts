/** Mistakes in the records themselves, whatever is dark. */
import { canonicalName, isWithin } from '../../../zone/names.ts';
import type { RecordSet, Zone } from '../../../zone/records.ts';
import { type Finding, shareInWords } from '../finding.ts';
import { type Entry, promiseOf, regionOfRecord, type Surroundings } from './facts.ts';
import { recordName } from './words.ts';

/** Of the users: nearer than this a weight is right enough. */
const weightSlack = 0.05;
const mostHops = 16;

export function recordFindings(around: Surroundings): readonly Finding[] {
  return around.entries.flatMap((entry) => {
    const reached = recordsOf(entry);
    const groups = [...Map.groupBy(reached, ({ name, type }) => `${name} ${type}`).values()];
    return [
      ...groups.flatMap((group) => [...unequalTtls(group), ...weights(group, entry, around)]),
      ...reached.flatMap((record) => [...mislabelled(record, around), ...danglingAlias(record, entry)]),
      ...circle(entry),
      ...withoutIpv6(entry),
    ];
  });
}

/** Address records below an entry name, in the order in which they are reached. */
export function recordsOf({ zone, name }: Entry): readonly RecordSet[] {
  const found = new Set<RecordSet>();
  let open: readonly string[] = [name];
  const seen = new Set<string>();
  while (open.length > 0) {
    for (const one of open) seen.add(one);
    const here = zone.records.filter((record) => open.includes(record.name) && isAddress(record));
    for (const record of here) found.add(record);
    open = [...new Set(here.flatMap(next))].filter((one) => !seen.has(one));
  }
  return [...found];
}

function isAddress({ type }: RecordSet): boolean {
  return type === 'A' || type === 'AAAA' || type === 'CNAME';
}

function next({ type, target }: RecordSet): readonly string[] {
  if (target.kind === 'alias') return [canonicalName(target.name)];
  return type === 'CNAME' ? target.values.map(canonicalName) : [];
}

function advice(given: Omit<Finding, 'level' | 'dark'>): Finding {
  return { level: 'advice', dark: null, ...given };
}

function unequalTtls(group: readonly RecordSet[]): readonly Finding[] {
  const ttls = [...new Set(group.flatMap(({ target }) => (target.kind === 'values' ? [target.ttlSeconds] : [])))];
  const [first] = group;
  if (ttls.length < 2 || first === undefined) return [];
  const sorted = ttls.toSorted((a, b) => a - b);
  const name = `${first.name} ${first.type}`;
  return [
    advice({
      rule: 'zone.ttl-unequal',
      about: name,
      share: null,
      says: `the records of ${name} have TTLs of ${sorted.join(', ')} s: users leave one of them later than another, and a failback takes another time than the failover`,
      remedy: `give all of them the same TTL, such as ${sorted[0]} s`,
    }),
  ];
}

/** A region with users and no weight, and weights that are far from the shares. */
function weights(group: readonly RecordSet[], entry: Entry, around: Surroundings): readonly Finding[] {
  const weighted = group.flatMap((record) => {
    const region = regionOfRecord(record, around.places);
    return record.routing.policy === 'weighted' && region !== undefined
      ? [{ record, region, weight: record.routing.weight }]
      : [];
  });
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  if (weighted.length < 2 || weighted.length < group.length) return [];
  const shares = Object.fromEntries(
    Object.entries(around.scenario.regions).map(([region, { share }]) => [region, share / 100]),
  );
  const shared = weighted.reduce((sum, { region }) => sum + (shares[region] ?? 0), 0);
  const idle = weighted.filter(({ weight, region }) => weight === 0 && (shares[region] ?? 0) > 0);
  if (idle.length > 0) {
    return idle.map(({ record, region }) => {
      const share = shares[region] ?? 0;
      const instead =
        total === 0
          ? 'all weights are 0, so that each is as likely as any other'
          : 'nobody is led there while another one is healthy';
      return {
        rule: 'zone.weight-zero',
        level: promiseOf(around.scenario, entry.key, region) === undefined ? 'advice' : 'problem',
        about: recordName(record),
        dark: null,
        share,
        says: `${recordName(record)} has a weight of 0: ${region} is to have ${shareInWords(share)} of your users, and ${instead}`,
        remedy: `give it a weight in proportion to ${shareInWords(share)}, or the region a share of 0`,
      };
    });
  }
  if (total === 0 || shared === 0) return [];
  const off = weighted
    .map((one) => ({ ...one, got: one.weight / total, wanted: (shares[one.region] ?? 0) / shared }))
    .filter(({ got, wanted }) => Math.abs(got - wanted) > weightSlack)
    .toSorted((a, b) => Math.abs(b.got - b.wanted) - Math.abs(a.got - a.wanted));
  const [worst] = off;
  if (worst === undefined) return [];
  const { record, region, got, wanted } = worst;
  return [
    advice({
      rule: 'zone.weights',
      about: recordName(record),
      share: Math.abs(got - wanted),
      says: `${recordName(record)} leads ${shareInWords(got)} of those who ask to ${region}, and the shares of the scenario are ${shareInWords(wanted)}: ${shareInWords(Math.abs(got - wanted))} of your users are elsewhere than planned`,
      remedy: 'make the weights the shares, or the shares of the scenario what the weights say',
    }),
  ];
}

function mislabelled(record: RecordSet, { scenario, places }: Surroundings): readonly Finding[] {
  const region = regionOfRecord(record, places);
  const label = record.routing.policy === 'latency' ? record.routing.region : undefined;
  if (label === undefined || region === undefined || label === region || scenario.regions[label] === undefined)
    return [];
  const share = (scenario.regions[label]?.share ?? 0) / 100;
  return [
    {
      rule: 'zone.latency-region',
      level: 'problem',
      about: recordName(record),
      dark: null,
      share,
      says: `${recordName(record)} is the latency record of ${label} and leads to ${region}: ${shareInWords(share)} of your users (users of ${label}) are led to ${region}`,
      remedy: `make it the latency record of ${region}, or give it the address of ${label}`,
    },
  ];
}

function danglingAlias(record: RecordSet, { zone }: Entry): readonly Finding[] {
  const { target, type } = record;
  if (target.kind !== 'alias' || target.hostedZoneId !== zone.id) return [];
  const name = canonicalName(target.name);
  const isThere = zone.records.some((other) => other.name === name && (other.type === type || other.type === 'CNAME'));
  if (isThere || isCovered(name, zone)) return [];
  return [
    {
      rule: 'zone.alias-dangling',
      level: 'problem',
      about: recordName(record),
      dark: null,
      share: null,
      says: `${recordName(record)} is an alias to ${name}, which has no ${type} record in the zone: whoever it is for gets no answer${target.evaluateTargetHealth ? ', or what is beside it' : ''}`,
      remedy: `make ${name}, or let the alias lead to a name that is there`,
    },
  ];
}

function isCovered(name: string, zone: Zone): boolean {
  return zone.records.some((other) => other.name.startsWith('*.') && isWithin(name, other.name.slice(2)));
}

/** The longest road of aliases from the name, or the first that comes round. */
function circle(entry: Entry): readonly Finding[] {
  const found = roundTrip(entry, [entry.name], new Set());
  if (found === undefined) return [];
  return [
    {
      rule: 'zone.alias-loop',
      level: 'problem',
      about: entry.name,
      dark: null,
      share: null,
      says: `${found.join(' → ')} ${new Set(found).size < found.length ? 'leads round in a circle' : `is longer than ${mostHops} steps`}: whoever is led that way gets no answer`,
      remedy: 'let the last of them lead to addresses',
    },
  ];
}

/** `clear`: names that were followed to their ends already; trees of aliases meet again further down. */
function roundTrip(entry: Entry, way: readonly string[], clear: Set<string>): readonly string[] | undefined {
  if (way.length > mostHops + 1) return way;
  const from = way.at(-1) ?? '';
  const here = entry.zone.records.filter((record) => record.name === from && isAddress(record));
  for (const target of new Set(here.flatMap(next))) {
    if (way.includes(target)) return [...way, target];
    const found = clear.has(target) ? undefined : roundTrip(entry, [...way, target], clear);
    if (found !== undefined) return found;
  }
  clear.add(from);
  return undefined;
}

function withoutIpv6({ zone, name }: Entry): readonly Finding[] {
  const types = new Set(zone.records.filter((record) => record.name === name).map(({ type }) => type));
  if (!types.has('A') || types.has('AAAA')) return [];
  return [
    advice({
      rule: 'zone.no-aaaa',
      about: name,
      share: null,
      says: `${name} has A records and no AAAA beside them: who has IPv6 alone gets no address`,
      remedy: 'add AAAA records that fail over as the A records do',
    }),
  ];
}
