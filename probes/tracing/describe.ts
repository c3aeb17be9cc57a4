/** What a span says of an attempt, by OpenTelemetry's conventions for HTTP clients, DNS and RPC. Pure. */
import { parseHostPort } from '../../contract/address.ts';
import type { Check, CheckKind } from '../../contract/check.ts';
import { phaseNames, type Result } from '../../contract/result.ts';
import type { SpanAttributes, SpanEnd, SpanEvent, SpanValue } from '../../contract/tracing.ts';
import type { Planned, Unnumbered } from '../record.ts';

/** Who makes the attempts. */
export type From = {
  readonly agent: string;
  readonly boot: string;
  readonly vantage: string;
  readonly region: string;
};

type Described = Unnumbered & Partial<Pick<Result, 'seq'>>;
type Optional = Readonly<Record<string, SpanValue | null | undefined>>;
type Describe<K extends CheckKind> = (check: Check<K>, result: Described) => Optional;

const describers: { readonly [K in CheckKind]?: Describe<K> } = {
  http: ofHttp,
  residency: ofHttp,
  dns: ofDns,
  grpc: ofGrpc,
  icmp: ofIcmp,
  tcp: ofTcp,
  tls: ofTcp,
};
const healthMethod = 'grpc.health.v1.Health/Check';

/** Of few values: what a check asks is written in its configuration. */
export function nameOfSpan(check: Check): string {
  switch (check.kind) {
    case 'dns':
      return `dns ${check.recordType}`;
    case 'grpc':
      return healthMethod;
    case 'icmp':
      return 'icmp echo';
    case 'tcp':
      return 'tcp connect';
    case 'tls':
      return 'tls handshake';
    case 'http':
    case 'residency':
      return `${check.method} ${URL.parse(check.url)?.pathname ?? ''}`.trim();
  }
}

/** The end of an attempt's span. A missing result is no failure of the target, and its span has not failed. */
export function describeAttempt(planned: Planned, result: Described, from: From): SpanEnd {
  const { check } = planned;
  const describe = describers[check.kind] as Describe<CheckKind> | undefined;
  return {
    endMs: result.startMs + result.durationMs,
    attributes: present({
      ...describe?.(check, result),
      'error.type': result.outcome === 'bad' ? errorType(result) : null,
      'blackstart.check': check.name,
      'blackstart.check.id': check.id,
      'blackstart.target': check.target,
      'blackstart.vantage': from.vantage,
      'blackstart.region': result.region,
      'blackstart.served_by': result.servedBy,
      'blackstart.round': result.round,
      'blackstart.client': result.client,
      'blackstart.burst': result.burst,
      'blackstart.outcome': result.outcome,
      'blackstart.failed_at': result.failedAt,
      'blackstart.missing': result.missing,
      'blackstart.result.id': result.seq === undefined ? null : `${from.agent}/${from.boot}/${result.seq}`,
    }),
    events: phasesOf(result),
    error: result.outcome === 'bad' ? (result.reason ?? 'bad') : null,
  };
}

function ofHttp(check: Check<'http' | 'residency'>, { details }: Described): Optional {
  const url = URL.parse(check.url);
  const peer = details.address === undefined ? undefined : parseHostPort(details.address, 0);
  return {
    'http.request.method': check.method,
    'url.full': url === null ? check.url : redacted(url),
    'server.address': url === null ? null : bare(url.hostname),
    'server.port': url === null ? null : portOf(url),
    'network.protocol.name': 'http',
    'network.protocol.version': '1.1',
    'network.peer.address': peer?.host,
    'network.peer.port': peer?.port,
    'http.response.status_code': details.status,
    'blackstart.stored_in': details.storedIn,
    'blackstart.request.id': details.requestId,
  };
}

function ofDns(check: Check<'dns'>, { details }: Described): Optional {
  const server = details.server === undefined ? undefined : parseHostPort(details.server, 53);
  return {
    'dns.question.name': check.hostname,
    'dns.answers': details.answers,
    'server.address': server?.host,
    'server.port': server?.port,
    'network.peer.address': server?.host,
    'network.peer.port': server?.port,
    'blackstart.dns.question.type': check.recordType,
    'blackstart.dns.rcode': details.rcode,
  };
}

function ofGrpc(check: Check<'grpc'>, { details }: Described): Optional {
  const status = details.extra?.['grpcStatus'];
  const peer = details.address === undefined ? undefined : parseHostPort(details.address, 0);
  return {
    'rpc.system': 'grpc',
    'rpc.service': 'grpc.health.v1.Health',
    'rpc.method': 'Check',
    'rpc.grpc.status_code': typeof status === 'number' ? status : null,
    'server.address': check.host,
    'server.port': check.port,
    'network.peer.address': peer?.host,
    'network.peer.port': peer?.port,
  };
}

function ofIcmp(check: Check<'icmp'>, { details }: Described): Optional {
  return { 'server.address': check.host, 'network.peer.address': details.address };
}

function ofTcp(check: Check<'tcp' | 'tls'>, { details }: Described): Optional {
  const peer = details.address === undefined ? undefined : parseHostPort(details.address, 0);
  const { tlsVersion, cipher } = details.extra ?? {};
  return {
    'server.address': check.host,
    'server.port': check.port,
    'network.transport': 'tcp',
    'network.peer.address': peer?.host,
    'network.peer.port': peer?.port,
    'tls.protocol.version': typeof tlsVersion === 'string' ? tlsVersion.replace('TLS ', '') : null,
    'tls.cipher': typeof cipher === 'string' ? cipher : null,
  };
}

/** A status that says so itself, or the phase that it stopped in: of few values. */
function errorType({ details, failedAt }: Described): string {
  const { status } = details;
  return status !== undefined && status >= 400 ? String(status) : (failedAt ?? '_OTHER');
}

/** One event at the end of each phase. */
function phasesOf({ startMs, phases }: Described): readonly SpanEvent[] {
  const events: SpanEvent[] = [];
  let atMs = startMs;
  for (const name of phaseNames) {
    const tookMs = phases[name];
    if (tookMs === undefined) continue;
    atMs += tookMs;
    events.push({ name: `blackstart.phase.${name}`, atMs, attributes: { 'blackstart.phase.seconds': tookMs / 1_000 } });
  }
  return events;
}

/** As the conventions have it: nobody reads a password in a trace. */
function redacted(url: URL): string {
  if (url.username === '' && url.password === '') return url.href;
  const shown = new URL(url);
  shown.username = 'REDACTED';
  shown.password = 'REDACTED';
  return shown.href;
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function present(attributes: Optional): SpanAttributes {
  const entries = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}
