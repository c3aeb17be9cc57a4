/** One round trip to a host: by ICMP where `ping` may, else by a datagram to a closed port, and said as such. */
import type { HopCount } from '../../contract/check.ts';
import type { AddressFamily } from '../../contract/tls.ts';
import { addressOf } from '../addresses.ts';
import type { Ending } from '../ending.ts';
import { type Failure, failureOfAbort, type ProbeContext } from '../prober.ts';
import { type PhaseWatch, phaseWatch } from '../watch.ts';
import { closedPort, knock } from './closed-port.ts';
import { type Dialect, type EchoTerms, ping } from './ping.ts';
import { pinger } from './pinger.ts';

export type Echo = {
  /** A name or a literal. */
  readonly host: string;
  readonly family: AddressFamily;
  readonly resolveWith: 'resolver' | 'system';
  readonly payloadBytes: number;
  /** Of IPv6 the hop limit. */
  readonly ttl: HopCount;
  /** Only `ping` can forbid it. */
  readonly dontFragment: boolean;
  readonly sourceAddress?: string;
};

export type Echoed = {
  readonly ok: boolean;
  readonly failure: Failure | null;
  readonly ip: string | null;
  readonly resolveMs: number;
  /** What the agent itself took, to start `ping` or to open a socket. The three add up to `durationMs`. */
  readonly setupMs: number;
  /** As `ping` measured it, where it did; how long was waited where nothing came back. */
  readonly rttMs: number;
  /** Of the answer, as it came here; `null` where nobody says. */
  readonly hopLimit: number | null;
  readonly by: 'icmp' | 'udp';
  readonly durationMs: number;
};

type Trip = Pick<Echoed, 'by'> & {
  readonly failure: Failure | null;
  /** `null`: as the watch has it. */
  readonly rttMs: number | null;
  readonly hopLimit: number | null;
};

/** Never rejects: every failure is in what it resolves with. */
export async function echo(asked: Echo, context: ProbeContext): Promise<Echoed> {
  const watch = phaseWatch(context.clock);
  const addressed = await addressOf(asked.host, asked, watch, context);
  const trip = addressed.ok
    ? await tripTo(addressed.address, asked, watch, context)
    : ({ ...untravelled, failure: addressed.failure, by: 'icmp' } as const);
  const { phases, durationMs } = watch.finish();
  const resolveMs = phases.resolve ?? 0;
  const rttMs = Math.min(trip.rttMs ?? phases.firstByte ?? 0, durationMs - resolveMs);
  const setupMs = durationMs - resolveMs - rttMs;
  const { failure, by, hopLimit } = trip;
  const ip = addressed.ok ? addressed.address : null;
  return { ok: failure === null, failure, ip, resolveMs, setupMs, rttMs, hopLimit, by, durationMs };
}

const untravelled = { rttMs: null, hopLimit: null } as const;

/** `connect` is the phase of the agent's own part, `firstByte` that of the way there and back. */
async function tripTo(address: string, asked: Echo, watch: PhaseWatch, context: ProbeContext): Promise<Trip> {
  watch.enter('connect');
  const { limits } = context;
  const signal = context.ending;
  const by = context.pinger ?? pinger();
  const way = await by.way(signal);
  if (way === undefined) return { ...untravelled, by: 'icmp', failure: failureOfAbort(signal, 'firstByte') };
  const source = asked.sourceAddress ?? by.sourceAddress;
  const terms = { ...asked, address, ...(source === null ? {} : { sourceAddress: source }) };
  const refusal = limits?.refusal(address, way.by === 'icmp' ? 0 : closedPort, signal);
  if (refusal !== undefined) return { ...untravelled, by: way.by, failure: { failedAt: 'agent', reason: refusal } };
  if (way.by === 'icmp') return byIcmp(terms, { dialect: way.dialect, path: by.path }, watch, signal);
  if (asked.dontFragment) {
    const reason = `dontFragment: want ICMP, which this agent does not have: ${way.because}`;
    return { ...untravelled, by: 'udp', failure: { failedAt: 'agent', reason } };
  }
  return byUdp(terms, watch, signal);
}

type How = { readonly dialect: Dialect; readonly path: string };

async function byIcmp(terms: EchoTerms, how: How, watch: PhaseWatch, signal: Ending): Promise<Trip> {
  watch.enter('firstByte');
  const pinged = await ping(terms, how, signal);
  const { address, ttl } = terms;
  switch (pinged.said) {
    case 'answer':
      return { by: 'icmp', failure: null, rttMs: pinged.rttMs, hopLimit: pinged.hopLimit };
    case 'cut short':
      return { ...untravelled, by: 'icmp', failure: failureOfAbort(signal, 'firstByte') };
    case 'unreachable':
      return failed('icmp', 'connect', `echo to ${address}: got ${pinged.words}, want an answer`);
    case 'expired':
      return failed('icmp', 'answer', `echo to ${address} within ${ttl} hops: got ${pinged.words}, want an answer`);
    case 'nothing':
      return failed('icmp', 'answer', `echo to ${address}: got nothing, want an answer`);
    case 'trouble':
      return failed('icmp', 'agent', `echo to ${address}: ${pinged.words}`);
  }
}

async function byUdp(terms: EchoTerms, watch: PhaseWatch, signal: Ending): Promise<Trip> {
  const knocked = await knock(terms, { sent: () => watch.enter('firstByte'), back: () => void watch.finish() }, signal);
  const at = `datagram to ${terms.address} port ${closedPort}`;
  switch (knocked.said) {
    case 'closed':
      return { ...untravelled, by: 'udp', failure: null };
    case 'cut short':
      return { ...untravelled, by: 'udp', failure: failureOfAbort(signal, 'firstByte') };
    case 'open':
      return failed('udp', 'agent', `${at}: got an answer, want a port where nobody listens`);
    case 'unreachable':
      return failed('udp', 'connect', `${at}: ${knocked.words}`);
    case 'trouble':
      return failed('udp', 'agent', `${at}: ${knocked.words}`);
  }
}

function failed(by: Trip['by'], failedAt: Failure['failedAt'], reason: string): Trip {
  return { ...untravelled, by, failure: { failedAt, reason } };
}
