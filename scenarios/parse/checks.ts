import { isObject } from '../../contract/json.ts';
import type { CheckPlan, Endpoint } from '../scenario.ts';
import { dnsFields, dnsOptions, recordType } from './dns-check.ts';
import { grpcFields, grpcOf } from './grpc-check.ts';
import { placeFields, placeOf } from './host.ts';
import { anyAnswer, expectation, moreFields, moreOf } from './http-check.ts';
import { icmpFields } from './icmp-check.ts';
import type { Names } from './names.ts';
import {
  type At,
  choice,
  dictionary,
  list,
  object,
  oneOrMore,
  optional,
  type Read,
  required,
  shown,
} from './reader.ts';
import { tcpFields, tcpOf, tlsFields, tlsOf } from './tcp-check.ts';
import {
  address,
  body,
  country,
  durationMs,
  headerName,
  headerValue,
  hostname,
  method,
  name,
  number,
  oneOf,
  path,
} from './values.ts';

const kinds = ['http', 'dns', 'residency', 'grpc', 'icmp', 'tcp', 'tls'] as const;
/** The least that an agent can keep up. */
const leastEveryMs = 100;
/** A month: what is asked seldomer is not watched. */
const mostEveryMs = 31 * 86_400_000;
/** Unless a check says how long an attempt may take: its interval, and no longer than this. */
const longestTimeoutMs = 10_000;

/** Every check, by its kind. Names have to differ. */
export function checkPlans(names: Names): Read<readonly CheckPlan[]> {
  const readers = {
    http: httpPlan(names),
    dns: dnsPlan(names),
    residency: residencyPlan(names),
    grpc: grpcPlan(names),
    icmp: icmpPlan(names),
    tcp: tcpPlan(names),
    tls: tlsPlan(names),
  };
  const read: Read<CheckPlan> = (value, at) => {
    if (!isObject(value)) return at.note(shown(value), 'a mapping with name, kind and every');
    const kind = oneOf(kinds)(value['kind'], at.in('kind'));
    const plan = kind === undefined ? undefined : readers[kind](value, at);
    if (plan !== undefined) noteQuorum(plan, names, at);
    return plan;
  };
  return list(read);
}

function common(names: Names, kind: (typeof kinds)[number]) {
  return {
    name: required(name),
    kind: required(oneOf([kind])),
    every: required(durationMs(leastEveryMs, mostEveryMs)),
    timeout: optional(durationMs(), null),
    from: optional(oneOrMore(oneOf(names.vantages)), null),
    quorum: optional(number(1, Math.max(1, names.vantages.length), 'a number of vantages,'), null),
  };
}

/** More than there are could never agree. */
function noteQuorum({ quorum, from }: CheckPlan, { vantages }: Names, at: At): void {
  const most = (from ?? vantages).length;
  if (quorum === undefined || (Number.isInteger(quorum) && quorum <= most)) return;
  at.in('quorum').note(shown(quorum), `a whole number from 1 to ${most}, the vantages that make it`);
}

type Timing = Pick<CheckPlan, 'everyMs' | 'timeoutMs' | 'from' | 'quorum'>;
type Written = Pick<Timing, 'from'> & { every: number; timeout: number | null; quorum: number | null };

function timing({ every: everyMs, timeout: timeoutMs, from, quorum }: Written): Timing {
  const agreed = quorum === null ? {} : { quorum };
  return { everyMs, timeoutMs: timeoutMs ?? Math.min(everyMs, longestTimeoutMs), from, ...agreed };
}

function httpPlan(names: Names): Read<CheckPlan> {
  const read = object({
    ...common(names, 'http'),
    to: required(endpoint(names)),
    path: optional(path, '/'),
    method: optional(method, 'GET'),
    headers: optional(dictionary(headerValue, headerName), {}),
    body: optional(body, null),
    resolveWith: optional(oneOf(['resolver', 'system']), 'resolver' as const),
    expect: optional(expectation, anyAnswer),
    ...moreFields,
  });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { name: named, to, method: verb, headers, body: content, resolveWith, expect } = found;
    const request = { path: found.path, method: verb, headers: lowerCased(headers), body: content, resolveWith };
    return { name: named, kind: 'http', ...timing(found), endpoint: to, ...request, expect, more: moreOf(found) };
  };
}

function dnsPlan(names: Names): Read<CheckPlan> {
  const read = object({
    ...common(names, 'dns'),
    hostname: required(hostname),
    type: optional(recordType, 'A'),
    server: optional(server, null),
    subnets: optional(list(oneOf(names.places)), []),
    expect: optional(dictionary(oneOf(names.regions), oneOf(names.places)), {}),
    ...dnsFields,
  });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { name: named, hostname: host, type, expect } = found;
    const subnets: readonly string[] = found.subnets;
    for (const place of Object.keys(expect)) {
      if (!subnets.includes(place))
        at.in('expect').in(place).note('a place that is not asked for', choice(subnets, place));
    }
    const byDefault = subnets.length > 0 && names.nameservers ? 'authorities' : 'resolver';
    const asked = {
      hostname: host,
      recordType: type,
      server: found.server ?? byDefault,
      subnets,
      expectRegion: expect,
    };
    const more = dnsOptions(found, asked, at);
    return more === undefined ? undefined : { name: named, kind: 'dns', ...timing(found), ...asked, more };
  };
}

const server: Read<string> = (value, at) =>
  value === 'resolver' || value === 'authorities' || address(value, quiet(at)) !== undefined
    ? (value as string)
    : at.note(shown(value), 'resolver, authorities, or an address and a port, such as 192.0.2.53:53');

function residencyPlan(names: Names): Read<CheckPlan> {
  const read = object({
    ...common(names, 'residency'),
    to: required(endpoint(names)),
    path: optional(path, '/'),
    method: optional(method, 'POST'),
    body: optional(body, '{}'),
    userCountry: required(country),
  });
  return (value, at) => {
    if (!names.userCountry) {
      at.note('a residency check', 'identity.userCountry, to say in which request header the country goes');
    }
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { name: named, to, method: verb, body: content, userCountry } = found;
    const request = { endpoint: to, path: found.path, method: verb, body: content, userCountry };
    return { name: named, kind: 'residency', ...timing(found), ...request };
  };
}

function grpcPlan(names: Names): Read<CheckPlan> {
  const read = object({ ...common(names, 'grpc'), ...placeFields(endpoint(names)), ...grpcFields });
  return (value, at) => {
    const found = read(value, at);
    const place = found === undefined ? undefined : placeOf(found, at);
    if (found === undefined || place === undefined) return undefined;
    const { name: named, family, resolveWith } = found;
    return { name: named, kind: 'grpc', ...timing(found), endpoint: place, family, resolveWith, ...grpcOf(found) };
  };
}

function icmpPlan(names: Names): Read<CheckPlan> {
  const read = object({ ...common(names, 'icmp'), ...placeFields(endpoint(names)), ...icmpFields });
  return (value, at) => {
    const found = read(value, at);
    const place = found === undefined ? undefined : placeOf(found, at);
    if (found === undefined || place === undefined) return undefined;
    const { name: named, family, resolveWith, payloadBytes, ttl, dontFragment } = found;
    const packet = { payloadBytes, ttl, dontFragment };
    return { name: named, kind: 'icmp', ...timing(found), endpoint: place, family, resolveWith, ...packet };
  };
}

function tcpPlan(names: Names): Read<CheckPlan> {
  const read = object({ ...common(names, 'tcp'), ...placeFields(endpoint(names)), ...tcpFields });
  return (value, at) => {
    const found = read(value, at);
    const place = found === undefined ? undefined : placeOf(found, at);
    if (found === undefined || place === undefined) return undefined;
    const { name: named, family, resolveWith } = found;
    const asked = tcpOf(found, place, at);
    if (asked === undefined) return undefined;
    return { name: named, kind: 'tcp', ...timing(found), endpoint: place, family, resolveWith, ...asked };
  };
}

function tlsPlan(names: Names): Read<CheckPlan> {
  const read = object({ ...common(names, 'tls'), ...placeFields(endpoint(names)), ...tlsFields });
  return (value, at) => {
    const found = read(value, at);
    const place = found === undefined ? undefined : placeOf(found, at);
    if (found === undefined || place === undefined) return undefined;
    const { name: named, family, resolveWith } = found;
    return { name: named, kind: 'tls', ...timing(found), endpoint: place, family, resolveWith, ...tlsOf(found, place) };
  };
}

/** `regions`, a list of regions, or `entry.NAME`. */
function endpoint(names: Names): Read<Endpoint> {
  const regions = list(oneOf(names.regions), 1);
  const allowed = ['regions', ...names.entries.map((entry) => `entry.${entry}`)];
  return (value, at) => {
    if (value === 'regions') return { to: 'regions', only: null };
    if (Array.isArray(value)) {
      const only = regions(value, at);
      return only === undefined ? undefined : { to: 'regions', only };
    }
    return typeof value === 'string' && allowed.includes(value)
      ? { to: 'entry', entry: value.slice('entry.'.length) }
      : at.note(shown(value), `${choice(allowed, value)}, or a list of regions`);
  };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
}

function quiet(at: At): At {
  return { ...at, note: () => undefined };
}
