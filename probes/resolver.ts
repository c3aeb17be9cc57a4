/** The agent's own DNS client: one question is one message to one server. */
import { randomInt } from 'node:crypto';
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { formatHostPort, type HostPort } from '../contract/address.ts';
import { type DnsAnswer, type DnsQuestion, isHostname, parseSubnet, readAnswer } from './dns/message.ts';
import type { UdpSockets } from './dns/sockets.ts';
import { type Template, template } from './dns/template.ts';
import { askTcp, askUdp, type Exchange } from './dns/transport.ts';
import type { Ending } from './ending.ts';
import type { TargetLimits } from './limits.ts';
import { describeError, type Failure, failureOfAbort, isOwnTrouble } from './prober.ts';

export type Asked =
  | { readonly ok: true; readonly answer: DnsAnswer; readonly server: string }
  | { readonly ok: false; readonly failure: Failure; readonly server: string };

/** A question and whom it is for, looked at once: whoever asks it again and again keeps it. */
export type PreparedQuestion = {
  readonly question: DnsQuestion;
  /** `null`: the agent's own resolver. */
  readonly server: Server | null;
  /** Its messages, or why it cannot be asked of anybody. */
  readonly template: Template | { readonly mistake: string };
};

type Server = { readonly at: HostPort; readonly text: string; readonly mistake: string | undefined };

export type Resolver = {
  /** The agent's own resolver, and the address that questions come from. */
  readonly own: ResolverOptions;
  /** A refusal (`rcode`) is an answer. */
  ask(prepared: PreparedQuestion, signal: Ending): Promise<Asked>;
};

export type ResolverOptions = {
  readonly server: HostPort;
  readonly sourceAddress: string | null;
  /** Of the servers that a check chooses: the agent's own is its operator's choice, and may well be link-local. */
  readonly limits?: TargetLimits | undefined;
  /** Absent: each question over UDP has a socket of its own. */
  readonly sockets?: UdpSockets;
};

/** For `server`, or for the agent's own resolver where that is `null`. */
export function prepareQuestion(question: DnsQuestion, server: HostPort | null): PreparedQuestion {
  const mistake = mistakeIn(question);
  return {
    question,
    server: server === null ? null : serverAt(server),
    template: mistake === undefined ? template(question) : { mistake },
  };
}

/** UDP, and TCP when that answer was cut short; that is the only second message there is. */
export function dnsResolver(options: ResolverOptions): Resolver {
  const { sourceAddress, limits, sockets } = options;
  const own = serverAt(options.server);
  return {
    own: options,
    async ask({ question, server: chosen, template }, signal) {
      const { at, text, mistake } = chosen ?? own;
      if (mistake !== undefined) return failed(text, 'resolve', mistake);
      if ('mistake' in template) return failed(text, 'resolve', template.mistake);
      const refusal = chosen === null ? undefined : limits?.refusal(at.host, at.port, signal);
      if (refusal !== undefined) return failed(text, 'agent', refusal);
      const to = { server: at, sourceAddress };
      try {
        let read = await askUdp({ ...to, ...asking(question, template) }, signal, sockets);
        if (read === 'truncated') read = await askTcp({ ...to, ...asking(question, template) }, signal);
        if (read === 'truncated') throw new Error('the answer over TCP was cut short too');
        return { ok: true, answer: read, server: text };
      } catch (error) {
        if (signal.aborted) return { ok: false, failure: failureOfAbort(signal, 'resolve'), server: text };
        const reason = `${question.name}: no answer from ${text}: ${describeError(error)}`;
        return failed(text, isOwnTrouble(error) ? 'agent' : 'resolve', reason);
      }
    },
  };
}

function failed(server: string, failedAt: Failure['failedAt'], reason: string): Asked {
  return { ok: false, failure: { failedAt, reason }, server };
}

type Message = Pick<Exchange<DnsAnswer | 'truncated'>, 'message' | 'take'>;

/** An id of its own for every message: whoever wants to forge an answer has to guess it, and the port. */
function asking(question: DnsQuestion, template: Template): Message {
  const id = randomInt(65_536);
  return {
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

function serverAt(at: HostPort): Server {
  const mistake = isIP(at.host) === 0 ? `server: got ${at.host}, want an IP address` : undefined;
  return { at, text: formatHostPort(at), mistake };
}

function mistakeIn(question: DnsQuestion): string | undefined {
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
