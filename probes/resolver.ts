/** The agent's own DNS client: one question is one message to one server. */
import { randomInt } from 'node:crypto';
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { formatHostPort, type HostPort } from '../contract/address.ts';
import {
  type DnsAnswer,
  type DnsQuestion,
  encodeQuestion,
  isHostname,
  parseSubnet,
  readAnswer,
} from './dns/message.ts';
import { askTcp, askUdp, type Exchange } from './dns/transport.ts';
import type { Ending } from './ending.ts';
import type { TargetLimits } from './limits.ts';
import { describeError, type Failure, failureOfAbort, isOwnTrouble } from './prober.ts';

export type Asked =
  | { readonly ok: true; readonly answer: DnsAnswer; readonly server: string }
  | { readonly ok: false; readonly failure: Failure; readonly server: string };

export type Resolver = {
  /** The agent's own resolver, and the address that questions come from. */
  readonly own: ResolverOptions;
  /** Asks `server`, or the agent's own resolver where that is `null`. A refusal (`rcode`) is an answer. */
  ask(question: DnsQuestion, server: HostPort | null, signal: Ending): Promise<Asked>;
};

export type ResolverOptions = {
  readonly server: HostPort;
  readonly sourceAddress: string | null;
  /** Of the servers that a check chooses: the agent's own is its operator's choice, and may well be link-local. */
  readonly limits?: TargetLimits | undefined;
};

/** UDP, and TCP when that answer was cut short; that is the only second message there is. */
export function dnsResolver(options: ResolverOptions): Resolver {
  return {
    own: options,
    async ask(question, chosen, signal) {
      const at = chosen ?? options.server;
      const server = formatHostPort(at);
      const mistake = mistakeIn(question, at);
      if (mistake !== undefined) return { ok: false, failure: { failedAt: 'resolve', reason: mistake }, server };
      const refusal = chosen === null ? undefined : options.limits?.refusal(at.host, at.port, signal);
      if (refusal !== undefined) return { ok: false, failure: { failedAt: 'agent', reason: refusal }, server };
      try {
        const answer = await exchangeMessages(question, { server: at, sourceAddress: options.sourceAddress }, signal);
        return { ok: true, answer, server };
      } catch (error) {
        const failure: Failure = signal.aborted
          ? failureOfAbort(signal, 'resolve')
          : {
              failedAt: isOwnTrouble(error) ? 'agent' : 'resolve',
              reason: `${question.name}: no answer from ${server}: ${describeError(error)}`,
            };
        return { ok: false, failure, server };
      }
    },
  };
}

async function exchangeMessages(
  question: DnsQuestion,
  to: Pick<Exchange<never>, 'server' | 'sourceAddress'>,
  signal: Ending,
): Promise<DnsAnswer> {
  const overUdp = await askUdp(asking(question, to), signal);
  const last = overUdp === 'truncated' ? await askTcp(asking(question, to), signal) : overUdp;
  if (last === 'truncated') throw new Error('the answer over TCP was cut short too');
  return last;
}

/** An id of its own for every message: whoever wants to forge an answer has to guess it, and the port. */
function asking(
  question: DnsQuestion,
  to: Pick<Exchange<never>, 'server' | 'sourceAddress'>,
): Exchange<DnsAnswer | 'truncated'> {
  const id = randomInt(65_536);
  return {
    ...to,
    message: encodeQuestion(question, id),
    take(bytes) {
      const read = readAnswer(bytes, question, id);
      switch (read.read) {
        case 'answer':
          return read.answer;
        case 'truncated':
          return 'truncated';
        case 'stranger':
          return undefined;
        case 'garbled':
          return new Error(`the answer cannot be read: ${read.reason}`);
      }
    },
  };
}

function mistakeIn(question: DnsQuestion, at: HostPort): string | undefined {
  if (isIP(at.host) === 0) return `server: got ${at.host}, want an IP address`;
  if (!isHostname(question.name)) return `name: got ${question.name.slice(0, 100)}, want a host name`;
  if (question.subnet !== null && parseSubnet(question.subnet) === undefined) {
    return `subnet: got ${question.subnet}, want an address and a prefix length such as 198.51.100.0/24`;
  }
  return undefined;
}

/** By getaddrinfo, which also reads the machine's hosts file. It cannot be cut short: an abort leaves it behind. */
export function lookupSystem(hostname: string, signal: Ending, family: 4 | 6 = 4): Promise<string> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    lookup(hostname, { family, all: false }, (error, address) => {
      signal.removeEventListener('abort', stop);
      if (error === null) resolve(address);
      else reject(error);
    });
  });
}

/** The first name server of a resolv.conf; the machine itself where it names none, as the C library does. */
export function serverOfResolvConf(text: string): HostPort {
  const named = /^\s*nameserver\s+(\S+)/m.exec(text)?.[1]?.replace(/%.*$/, '');
  return { host: named !== undefined && isIP(named) !== 0 ? named : '127.0.0.1', port: 53 };
}
