/** One question of any type to one server, over UDP, TCP, TLS or HTTPS: one message, and what came back. */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
import { rcodeText } from '../../contract/dns.ts';
import type { Phases } from '../../contract/result.ts';
import { letGo } from '../farewell.ts';
import { describeError, type Failure, failureOfAbort, isOwnTrouble, type ProbeContext } from '../prober.ts';
import { type TlsFacts, tlsFacts } from '../tls/facts.ts';
import type { TlsSettings } from '../tls/settings.ts';
import { type PhaseWatch, phaseWatch } from '../watch.ts';
import { type AnyQuestion, type Written, writeQuestion } from './asking.ts';
import { askHttps, defaultPath, mistakeIn } from './https.ts';
import { nsidText, optionCodes, readOptions } from './options.ts';
import { type DnsFlags, type DnsMessage, readMessage } from './reading.ts';
import { askStream, type Streamed } from './stream.ts';
import { askUdp } from './transport.ts';

export const transports = ['udp', 'tcp', 'tls', 'https'] as const;
export type Transport = (typeof transports)[number];

export type Inquiry = AnyQuestion & {
  /** A literal: names are resolved before. */
  readonly server: HostPort;
  readonly transport: Transport;
  readonly tls: TlsSettings;
  /** The name to show and to expect on the certificate, and the host of DNS over HTTPS; absent: the server's address. */
  readonly tlsName?: string;
  /** Of DNS over HTTPS; absent: `/dns-query`. */
  readonly path?: string;
  readonly sourceAddress?: string;
};

export type Inquired = {
  /** An answer came that can be read, whatever its code. One that was cut short (`flags.tc`) is one too. */
  readonly ok: boolean;
  readonly failure: Failure | null;
  readonly rcode: string | null;
  readonly flags: DnsFlags | null;
  /** One line a record, as miekg/dns prints it; OPT is among the additional ones, as there. */
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  /** Of the last SOA of the answer. */
  readonly serial: number | null;
  readonly nsid: string | null;
  /** EDNS client subnet's scope. */
  readonly scopeLength: number | null;
  readonly tls: TlsFacts | null;
  /** `connectMs` has the TLS handshake in it, and is 0 over UDP. They add up to the duration. */
  readonly phases: { readonly connectMs: number; readonly requestMs: number };
  /** The same time by the phases of an attempt; over UDP all of it is `resolve`. */
  readonly watched: Phases;
  readonly durationMs: number;
};

/** Never a second message and never a second transport. Failures of the server are values. */
export function inquire(inquiry: Inquiry, context: ProbeContext): Promise<Inquired> {
  return inquireOn(phaseWatch(context.clock), inquiry, context);
}

/** As `inquire`, on a watch that may have run before: its time is in the duration and in no phase but `watched`. */
export async function inquireOn(watch: PhaseWatch, inquiry: Inquiry, context: ProbeContext): Promise<Inquired> {
  // RFC 8484 §4.1: the same question is the same request, for whoever may cache it.
  const written = writeQuestion(inquiry, inquiry.transport === 'https' ? 0 : randomInt(65_536));
  if ('mistake' in written) {
    watch.enter('resolve');
    return told(watch, { ok: false, failure: { failedAt: 'agent', reason: written.mistake } });
  }
  const got = await (inquiry.transport === 'udp' ? overUdp : overConnection)(inquiry, written, watch, context);
  return told(watch, got);
}

type Got = ({ readonly ok: true; readonly message: DnsMessage } | { readonly ok: false; readonly failure: Failure }) & {
  readonly tls?: TlsFacts | null;
};
type Way = (inquiry: Inquiry, written: Written, watch: PhaseWatch, context: ProbeContext) => Promise<Got>;

const overUdp: Way = async (inquiry, { message, asked, udpBytes }, watch, { limits, resolver, ending }) => {
  watch.enter('resolve');
  const { server } = inquiry;
  const refusal = limits?.refusal(server.host, server.port, ending);
  if (refusal !== undefined) return { ok: false, failure: { failedAt: 'agent', reason: refusal } };
  try {
    const answer = await askUdp<DnsMessage>(
      {
        server,
        sourceAddress: inquiry.sourceAddress ?? resolver.own.sourceAddress,
        message,
        take(bytes) {
          // What is longer than was asked for does not arrive in everybody's buffer.
          const read = readMessage(bytes.subarray(0, udpBytes), asked);
          if (read.read === 'stranger') return undefined;
          return read.read === 'answer' ? read.message : new Error(`the answer cannot be read: ${read.reason}`);
        },
      },
      ending,
    );
    return { ok: true, message: answer };
  } catch (error) {
    if (ending.aborted) return { ok: false, failure: failureOfAbort(ending, 'resolve') };
    const reason = `${inquiry.name}: no answer from ${formatHostPort(server)}: ${describeError(error)}`;
    return { ok: false, failure: { failedAt: isOwnTrouble(error) ? 'agent' : 'resolve', reason } };
  }
};

const overConnection: Way = async (inquiry, { message, asked }, watch, context) => {
  const { server, transport, tlsName = server.host, path = defaultPath, sourceAddress } = inquiry;
  const host = hostOf(tlsName, server);
  const mistake = transport === 'https' ? mistakeIn({ host, path }) : undefined;
  if (mistake !== undefined) return { ok: false, failure: { failedAt: 'agent', reason: mistake } };
  const target = {
    address: server.host,
    port: server.port,
    tlsName: transport === 'tcp' ? null : tlsName,
    tls: transport === 'https' ? { alpn: ['http/1.1'], ...inquiry.tls } : inquiry.tls,
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
  };
  const dialed = await context.dialer.dial(target, watch, context.ending);
  if (!dialed.ok) return dialed;
  const tls = dialed.socket instanceof TLSSocket ? tlsFacts(dialed.socket) : null;
  const streamed = await ask(dialed.socket, { message, host, path, transport }, watch, context);
  letGo(dialed.socket, context);
  if (!streamed.ok) return { ...streamed, tls };
  const read = readMessage(streamed.bytes, asked);
  if (read.read === 'answer') return { ok: true, message: read.message, tls };
  const why = read.read === 'garbled' ? `one that cannot be read: ${read.reason}` : 'one to another question';
  return { ok: false, failure: { failedAt: 'answer', reason: `answer: got ${why}` }, tls };
};

function ask(
  socket: Socket,
  { transport, ...question }: { message: Buffer; host: string; path: string; transport: Transport },
  watch: PhaseWatch,
  context: ProbeContext,
): Promise<Streamed> {
  return transport === 'https'
    ? askHttps(socket, question, watch, context)
    : askStream(socket, question.message, watch, context.ending);
}

/** As URLs have it: an IPv6 literal in brackets, and the port where it is not the scheme's. */
function hostOf(name: string, { port }: HostPort): string {
  const text = formatHostPort({ host: name, port });
  return port === 443 ? text.replace(/:443$/, '') : text;
}

function told(watch: PhaseWatch, got: Got): Inquired {
  const { phases: watched, durationMs } = watch.finish();
  const connectMs = (watched.connect ?? 0) + (watched.tls ?? 0);
  const requestMs = (watched.firstByte ?? 0) + (watched.transfer ?? 0);
  const isUdp = watched.connect === undefined;
  const times = {
    phases: { connectMs, requestMs: isUdp ? (watched.resolve ?? 0) : requestMs },
    watched,
    durationMs,
    tls: got.tls ?? null,
  };
  if (!got.ok) return { ...nothing, ...times, ok: false, failure: got.failure };
  const { flags, rcode, answer, authority, additional } = got.message;
  const option = (code: number): Buffer | undefined =>
    additional
      .filter(({ type }) => type === 41)
      .flatMap(({ data }) => readOptions(data))
      .find((one) => one.code === code)?.data;
  const [nsid, subnet] = [option(optionCodes.nsid), option(optionCodes.subnet)];
  return {
    ok: true,
    failure: null,
    rcode: rcodeText(rcode),
    flags,
    answer: answer.map(({ line }) => line),
    authority: authority.map(({ line }) => line),
    additional: additional.map(({ line }) => line),
    serial: answer.findLast(({ serial }) => serial !== undefined)?.serial ?? null,
    nsid: nsid === undefined ? null : nsidText(nsid),
    scopeLength: subnet?.[3] ?? null,
    ...times,
  };
}

const nothing = {
  rcode: null,
  flags: null,
  answer: [],
  authority: [],
  additional: [],
  serial: null,
  nsid: null,
  scopeLength: null,
};
