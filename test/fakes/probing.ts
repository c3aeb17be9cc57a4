/** What probers are given in tests: real sockets on loopback, and time that the test moves. */
import type { HostPort } from '../../contract/address.ts';
import type { Check, CheckCommon } from '../../contract/check.ts';
import type { AttemptContext } from '../../probes/attempt.ts';
import { dialer } from '../../probes/dialer.ts';
import { pinger } from '../../probes/icmp/pinger.ts';
import { targetLimits } from '../../probes/limits.ts';
import { dnsResolver } from '../../probes/resolver.ts';
import { type FakeClock, fakeClock } from './clock.ts';

/** A clock on which every look takes a little: phases have lengths, and what does not add up shows. */
export function passingClock(): FakeClock {
  const clock = fakeClock();
  let looks = 0;
  return {
    ...clock,
    nowMs() {
      looks += 1;
      return clock.nowMs() + looks * 0.25;
    },
    get pending() {
      return clock.pending;
    },
  };
}

export function probing(
  clock: FakeClock,
  options: {
    readonly resolver?: HostPort;
    readonly ca?: string;
    readonly sourceAddress?: string;
    /** Nothing else is asked; by default everything is but what is guarded. */
    readonly allowTargets?: readonly string[];
  } = {},
): AttemptContext {
  const sourceAddress = options.sourceAddress ?? null;
  const limits = targetLimits({ allowed: options.allowTargets ?? [] }, ({ got }) => {
    throw new Error(`${got} is no target`);
  });
  return {
    clock,
    limits,
    // The same on every machine: whether it has `ping` or not.
    pinger: pinger({ path: '/nowhere', sourceAddress }),
    dialer: dialer({ ca: options.ca ?? null, sourceAddress, limits }),
    resolver: dnsResolver({ server: options.resolver ?? { host: '127.0.0.1', port: 9 }, sourceAddress, limits }),
    regionOf: (address) => ({ '127.1.0.1': 'us-east-1', '127.2.0.1': 'eu-west-1' })[address] ?? null,
  };
}

export const common: CheckCommon = {
  id: 'home/us-east-1',
  name: 'home',
  target: 'agent-api',
  region: null,
  entry: null,
  vantages: null,
  everyMs: 1_000,
  timeoutMs: 3_000,
};

const identity = { servedBy: 'x-region', storedIn: 'x-stored-in' };

export function httpCheck(url: string, more: Partial<Check<'http'>> = {}): Check<'http'> {
  return {
    ...common,
    kind: 'http',
    url,
    method: 'GET',
    headers: {},
    body: null,
    resolveWith: 'resolver',
    expect: { status: [200], headers: {}, bodyContains: [] },
    identity,
    ...more,
  };
}

export function dnsCheck(server: HostPort, more: Partial<Check<'dns'>> = {}): Check<'dns'> {
  return {
    ...common,
    kind: 'dns',
    hostname: 'api.agent.test',
    recordType: 'A',
    server: `${server.host}:${server.port}`,
    subnet: null,
    place: null,
    expectRegions: null,
    ...more,
  };
}

export function residencyCheck(url: string, more: Partial<Check<'residency'>> = {}): Check<'residency'> {
  return {
    ...common,
    kind: 'residency',
    url,
    method: 'POST',
    headers: { 'x-user-country': 'DE' },
    body: '{}',
    userCountry: 'DE',
    identity,
    expect: { answer: 'served', servedIn: ['eu-west-1'], storedIn: ['eu-west-1'] },
    ...more,
  };
}

export function grpcCheck(at: HostPort, more: Partial<Check<'grpc'>> = {}): Check<'grpc'> {
  return {
    ...common,
    kind: 'grpc',
    ...at,
    family: 'ip4',
    resolveWith: 'resolver',
    service: '',
    metadata: {},
    identity,
    ...more,
  };
}

export function icmpCheck(host: string, more: Partial<Check<'icmp'>> = {}): Check<'icmp'> {
  return {
    ...common,
    kind: 'icmp',
    host,
    family: 'ip4',
    resolveWith: 'resolver',
    payloadBytes: 56,
    ttl: 64,
    dontFragment: false,
    ...more,
  };
}

export function tcpCheck(at: HostPort, more: Partial<Check<'tcp'>> = {}): Check<'tcp'> {
  return { ...common, kind: 'tcp', ...at, family: 'ip4', resolveWith: 'resolver', dialogue: [], ...more };
}

export function tlsCheck(at: HostPort, more: Partial<Check<'tls'>> = {}): Check<'tls'> {
  return { ...common, kind: 'tls', ...at, family: 'ip4', resolveWith: 'resolver', tls: {}, expect: {}, ...more };
}
