/** The agent's own DNS client: one question is one message to one server. */
import { randomInt } from 'node:crypto';
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { formatHostPort, type HostPort } from '../contract/address.ts';
import { type DnsAnswer, type DnsQuestion, isHostname, parseSubnet, readAnswer } from './dns/message.ts';
import type { UdpSockets } from './dns/sockets.ts';
import { templateOf } from './dns/template.ts';
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
  /** Absent: each question over UDP has a socket of its own. */
  readonly sockets?: UdpSockets;
};

/** UDP, and TCP when that answer was cut short; that is the only second message there is. */
export function dnsResolver(options: ResolverOptions): Resolver {
  return {
    own: options,
    async ask(question, chosen, signal) {
      const at = chosen ?? options.server;
      const { text: server, mistake: otherwise } = serverOf(at);
      const mistake = otherwise ?? mistakeIn(question);
      if (mistake !== undefined) return { ok: false, failure: { failedAt: 'resolve', reason: mistake }, server };
      const refusal = chosen === null ? undefined : options.limits?.refusal(at.host, at.port, signal);
      if (refusal !== undefined) return { ok: false, failure: { failedAt: 'agent', reason: refusal }, server };
      try {
        const answer = await exchangeMessages(question, { ...options, server: at }, signal);
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

async function exchangeMessages(question: DnsQuestion, to: ResolverOptions, signal: Ending): Promise<DnsAnswer> {
  const overUdp = await askUdp(asking(question, to), signal, to.sockets);
  const last = overUdp === 'truncated' ? await askTcp(asking(question, to), signal) : overUdp;
  if (last === 'truncated') throw new Error('the answer over TCP was cut short too');
  return last;
}

/** An id of its own for every message: whoever wants to forge an answer has to guess it, and the port. */
function asking(question: DnsQuestion, { server, sourceAddress }: ResolverOptions): Exchange<DnsAnswer | 'truncated'> {
  const id = randomInt(65_536);
  const template = templateOf(question);
  return {
    server,
    sourceAddress,
    message: template.message(id),
    take(bytes) {
      const read = template.read(bytes, id) ?? readAnswer(bytes, question, id);
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

type Server = { readonly text: string; readonly mistake: string | undefined };
/** Whoever asks often keeps its question and its server: each is looked at once. */
const servers = new WeakMap<HostPort, Server>();
const mistakes = new WeakMap<DnsQuestion, string | null>();

function serverOf(at: HostPort): Server {
  let server = servers.get(at);
  if (server === undefined) {
    const mistake = isIP(at.host) === 0 ? `server: got ${at.host}, want an IP address` : undefined;
    server = { text: formatHostPort(at), mistake };
    servers.set(at, server);
  }
  return server;
}

function mistakeIn(question: DnsQuestion): string | undefined {
  let mistake = mistakes.get(question);
  if (mistake === undefined) {
    mistake = newMistakeIn(question) ?? null;
    mistakes.set(question, mistake);
  }
  return mistake ?? undefined;
}

function newMistakeIn(question: DnsQuestion): string | undefined {
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
