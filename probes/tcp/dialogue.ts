/** One TCP attempt: a connection, perhaps TLS, perhaps a dialogue over it. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Phases, phaseNames } from '../../contract/result.ts';
import type { AddressFamily } from '../../contract/tls.ts';
import { addressOf } from '../addresses.ts';
import type { Dialed } from '../dialer.ts';
import { letGo } from '../farewell.ts';
import type { Failure, ProbeContext } from '../prober.ts';
import { type TlsFacts, tlsFacts } from '../tls/facts.ts';
import type { TlsSettings } from '../tls/settings.ts';
import { type PhaseWatch, phaseWatch } from '../watch.ts';
import { speak, tlsNameOf } from './speech.ts';
import { dialPath } from './unix.ts';

/** What is waited for, then what is sent, then TLS: each where it is there. */
export type DialogueStep = {
  /** RE2: lines are read until it is found in one. */
  readonly expect?: string;
  /** RE2: a line that it is found in ends the waiting, and the attempt. */
  readonly refuse?: string;
  /** Exactly these bytes come next; not together with `expect`. */
  readonly expectBytes?: Buffer;
  /** Of an answer that is neither lines nor known bytes: how long it is, what is wrong with it, or that more is needed. */
  readonly answer?: (received: Buffer) => { readonly bytes: number } | { readonly mistake: string } | 'more';
  /** A line, to which `\n` is added. `${1}` and `${name}` stand for groups of what `expect` found. */
  readonly send?: string;
  /** Instead of a line: as it is. */
  readonly sendBytes?: Buffer;
  readonly startTls?: boolean;
  /** What to keep of what `expect` found; values as in `send`. */
  readonly labels?: readonly { readonly name: string; readonly value: string }[];
};

export type DialogueTerms = {
  /** A name or a literal. */
  readonly host: string;
  readonly port: number;
  readonly family: AddressFamily;
  /** `system`: getaddrinfo. */
  readonly resolveWith: 'resolver' | 'system';
  readonly sourceAddress?: string;
  /** Instead of host and port. */
  readonly unixPath?: string;
  /** From the first byte on. */
  readonly tls: boolean;
  /** The name to show and to expect; without it `host`. */
  readonly tlsName?: string;
  readonly tlsSettings: TlsSettings;
  readonly steps: readonly DialogueStep[];
  /** Never in the transcript, a reason or `expectInfo`. */
  readonly secrets?: readonly string[];
};

export type Dialogue = {
  readonly ok: boolean;
  readonly failure: Failure | null;
  readonly phases: Phases;
  readonly durationMs: number;
  /** 0 without the phase. */
  readonly resolveMs: number;
  /** Who was asked, where it came so far; `null` also for a path. */
  readonly ip: string | null;
  /** Of the last handshake; `null` where there was none, or it failed. */
  readonly tls: TlsFacts | null;
  /** The connection was closed before the line that was waited for. */
  readonly failedDueToRegex: boolean;
  readonly failedDueToBytes: boolean;
  /** One for each step with labels that found its line. */
  readonly expectInfo: readonly Readonly<Record<string, string>>[];
  /** For people; bounded. Empty without steps. */
  readonly transcript: readonly string[];
};

/** What `speak` adds to a connection that is open. */
export type Speech = Pick<Dialogue, 'failure' | 'tls' | 'failedDueToRegex' | 'failedDueToBytes' | 'expectInfo'> & {
  readonly transcript: readonly string[];
  readonly socket: Socket;
};

const unspoken = {
  tls: null,
  failedDueToRegex: false,
  failedDueToBytes: false,
  expectInfo: [],
  transcript: [],
} as const;

/** Resolves for every failure of the target, with nothing left open. */
export async function converse(terms: DialogueTerms, context: ProbeContext): Promise<Dialogue> {
  const watch = phaseWatch(context.clock);
  let ip: string | null = null;
  let opened: Dialed;
  if (terms.unixPath === undefined) {
    const found = await addressOf(terms.host, terms, watch, context);
    if (!found.ok) return ended(watch, { ...unspoken, failure: found.failure }, ip);
    ip = found.address;
    opened = await context.dialer.dial(targetOf(terms, ip), watch, context.ending);
  } else {
    opened = await overPath(terms.unixPath, terms, watch, context);
  }
  if (!opened.ok) return ended(watch, { ...unspoken, failure: opened.failure }, ip);
  if (terms.steps.length === 0) {
    const tls = terms.tls ? tlsFacts(opened.socket as TLSSocket) : null;
    letGo(opened.socket, context);
    return ended(watch, { ...unspoken, failure: null, tls }, ip);
  }
  const speech = await speak(opened.socket, terms, watch, context);
  speech.socket.destroy();
  return ended(watch, speech, ip);
}

function targetOf(terms: DialogueTerms, address: string): Parameters<ProbeContext['dialer']['dial']>[0] {
  const { port, sourceAddress } = terms;
  return {
    address,
    port,
    tlsName: terms.tls ? tlsNameOf(terms) : null,
    tls: terms.tlsSettings,
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
  };
}

async function overPath(path: string, terms: DialogueTerms, watch: PhaseWatch, context: ProbeContext): Promise<Dialed> {
  const opened = await dialPath(path, watch, context.ending);
  if (!opened.ok || !terms.tls) return opened;
  const target = { tlsName: tlsNameOf(terms), tls: terms.tlsSettings };
  return context.dialer.upgrade(opened.socket, target, watch, context.ending);
}

function ended(watch: PhaseWatch, speech: Omit<Speech, 'socket'>, ip: string | null): Dialogue {
  const { phases, durationMs } = watch.finish();
  const { failure, tls, failedDueToRegex, failedDueToBytes, expectInfo, transcript } = speech;
  return {
    ok: failure === null,
    failure,
    phases: phases.firstByte === undefined ? phases : inOrder(phases),
    durationMs,
    resolveMs: phases.resolve ?? 0,
    ip,
    tls,
    failedDueToRegex,
    failedDueToBytes,
    expectInfo,
    transcript,
  };
}

/** After STARTTLS the handshake came last, and is told where it would have been. */
function inOrder(phases: Phases): Phases {
  return Object.fromEntries(phaseNames.flatMap((name) => (phases[name] === undefined ? [] : [[name, phases[name]]])));
}
