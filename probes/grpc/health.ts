/** grpc.health.v1.Health/Check: one question to one server, over a connection of its own. */
import type { TLSSocket } from 'node:tls';
import { formatHostPort } from '../../contract/address.ts';
import { DeadlineExceeded } from '../../contract/deadline.ts';
import type { Phases } from '../../contract/result.ts';
import type { AddressFamily } from '../../contract/tls.ts';
import { addressOf } from '../addresses.ts';
import type { Ending } from '../ending.ts';
import type { Header } from '../http2/hpack.ts';
import type { Failure, ProbeContext } from '../prober.ts';
import { type TlsFacts, tlsFacts } from '../tls/facts.ts';
import type { TlsSettings } from '../tls/settings.ts';
import { phaseWatch } from '../watch.ts';
import { type Told, tell, untold } from './answer.ts';
import { unary } from './call.ts';
import { healthRequest } from './message.ts';
import { type Metadata, metadataHeaders } from './metadata.ts';

export type HealthQuestion = {
  /** A name or a literal. */
  readonly host: string;
  readonly port: number;
  readonly family: AddressFamily;
  readonly resolveWith: 'resolver' | 'system';
  /** Empty: the server as a whole. */
  readonly service: string;
  readonly tls: boolean;
  /** The name to show, to expect and to ask for (`:authority`) instead of the host. */
  readonly tlsName?: string;
  /** What is offered as `alpn` is HTTP/2, whatever it says. */
  readonly tlsSettings: TlsSettings;
  /** Under names that end in `-bin` values are bytes as Latin-1. Names that are gRPC's own are left out. */
  readonly metadata: Metadata;
  readonly sourceAddress?: string;
  /** From the start of the attempt: what is left of it is told to the server (`grpc-timeout`); absent: nothing is. */
  readonly timeoutMs?: number;
};

/** `ok`: the status is OK, and the service is SERVING. */
export type HealthAnswer = Told & {
  /** The address asked, where it came so far. */
  readonly ip: string | null;
  readonly tls: TlsFacts | null;
  /** They add up to `durationMs`. */
  readonly phases: Phases;
  readonly resolveMs: number;
  /** All that came after the name was resolved. */
  readonly checkMs: number;
  readonly durationMs: number;
};

/** Never rejects: every failure is in the answer. */
export async function askHealth(question: HealthQuestion, context: ProbeContext): Promise<HealthAnswer> {
  const { clock, dialer } = context;
  const signal = context.ending;
  const startMs = clock.nowMs();
  const watch = phaseWatch(clock);
  let ip: string | null = null;
  let tls: TlsFacts | null = null;

  async function asked(): Promise<Told> {
    const metadata = metadataHeaders(question.metadata);
    if ('mistake' in metadata) return untold({ failedAt: 'agent', reason: metadata.mistake }, 'INTERNAL');
    const addressed = await addressOf(question.host, question, watch, context);
    if (!addressed.ok) return unanswered(addressed.failure, signal);
    ip = addressed.address;
    const dialed = await dialer.dial(targetOf(question, ip), watch, signal);
    if (!dialed.ok) return unanswered(dialed.failure, signal);
    const { socket } = dialed;
    if (question.tls) {
      const secured = socket as TLSSocket;
      tls = tlsFacts(secured);
      if (secured.alpnProtocol !== 'h2') {
        socket.destroy();
        const reason = `TLS handshake: got ${secured.alpnProtocol || 'no protocol'} by ALPN, want h2`;
        return untold({ failedAt: 'tls', reason }, 'UNAVAILABLE');
      }
    }
    const { timeoutMs } = question;
    const traced: readonly Header[] = context.traceparent === undefined ? [] : [['traceparent', context.traceparent]];
    const leftMs = timeoutMs === undefined ? undefined : startMs + timeoutMs - clock.nowMs();
    const headers = [...headersOf(question, leftMs), ...traced, ...metadata.headers];
    const called = await unary(socket, { headers, message: healthRequest(question.service) }, watch, signal);
    return called.ok ? tell(called.answer) : unanswered(called.failure, signal);
  }

  const told = await asked();
  const timed = watch.finish();
  const resolveMs = timed.phases.resolve ?? 0;
  return { ...told, ip, tls, ...timed, resolveMs, checkMs: timed.durationMs - resolveMs };
}

function unanswered(failure: Failure, signal: Ending): Told {
  return untold(failure, signal.reason instanceof DeadlineExceeded ? 'DEADLINE_EXCEEDED' : 'UNAVAILABLE');
}

function targetOf(question: HealthQuestion, address: string): Parameters<ProbeContext['dialer']['dial']>[0] {
  const { host, port, tls, tlsName, tlsSettings, sourceAddress } = question;
  return {
    address,
    port,
    tlsName: tls ? (tlsName ?? bare(host)) : null,
    tls: { ...tlsSettings, alpn: ['h2'] },
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
  };
}

function headersOf(question: HealthQuestion, leftMs: number | undefined): readonly Header[] {
  const { host, port, tls, tlsName } = question;
  const headers: readonly Header[] = [
    [':method', 'POST'],
    [':scheme', tls ? 'https' : 'http'],
    [':path', '/grpc.health.v1.Health/Check'],
    [':authority', tlsName ?? formatHostPort({ host: bare(host), port })],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ['user-agent', 'blackstart'],
  ];
  return leftMs === undefined ? headers : [...headers, ['grpc-timeout', timeoutText(leftMs)]];
}

/** At most eight digits and a unit. */
function timeoutText(leftMs: number): string {
  const wholeMs = Math.max(1, Math.floor(leftMs));
  return wholeMs < 100_000_000 ? `${wholeMs}m` : `${Math.min(99_999_999, Math.floor(wholeMs / 1_000))}S`;
}

/** Without the final dot of a full name, which certificates do not have. */
function bare(host: string): string {
  return host.replace(/\.$/, '');
}
