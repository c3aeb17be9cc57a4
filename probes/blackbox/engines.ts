/** What makes the connections: the same parts as of the agent's own checks, in the shapes that modules need. */
import type { Phases } from '../../contract/result.ts';
import type { AddressFamily } from '../../contract/tls.ts';
import type { Failure, ProbeContext } from '../prober.ts';
import type { TlsFacts } from '../tls/facts.ts';
import type { TlsSettings } from '../tls/settings.ts';

export type Authorization = { kind: 'none' } | { kind: 'basic'; username: string; password: string } | { kind: 'header'; type: string; credentials: string } | { kind: 'oauth2'; clientId: string; clientSecret: string; tokenUrl: string; scopes: readonly string[]; parameters: Readonly<Record<string,string>>; tls: TlsSettings; proxy: JourneyRequest['proxy'] };
export type JourneyRequest = { url: string; method: string; headers: Readonly<Record<string,string>>; body: string|Buffer|null; host?: string; family: AddressFamily; resolveWith: 'resolver'|'system'; maxRedirects: number; httpVersions: readonly ('1.1'|'2')[]; compression: 'gzip'|'br'|'deflate'|'identity'|null; bodyLimitBytes: number|null; tls: TlsSettings; tlsServerName?: string; proxy: { url: string; connectHeaders: Readonly<Record<string,string>> } | null; resolveThroughProxy?: boolean; authorization: Authorization; cookies: boolean; sourceAddress?: string };
export type Hop = { url: string; ip: string|null; status: number|null; phases: { resolveMs: number; connectMs: number; tlsMs: number; processingMs: number; transferMs: number }; tls: TlsFacts|null };
export type Journey = { ok: boolean; failure: Failure|null; durationMs: number; phases: Phases; hops: readonly Hop[]; response: { status: number; version: '1.0'|'1.1'|'2'; headers: ReadonlyMap<string, readonly string[]>; body: Buffer; bodyBytes: number; contentLength: number; uncompressedBytes: number; bodyTooLarge: boolean } | null; transcript: readonly string[] };

export type DialogueStep = { expect?: string; expectBytes?: Buffer; send?: string; startTls?: boolean; labels?: readonly { name: string; value: string }[] };
export type DialogueTerms = { host: string; port: number; family: AddressFamily; resolveWith: 'resolver'|'system'; sourceAddress?: string; unixPath?: string; tls: boolean; tlsName?: string; tlsSettings: TlsSettings; steps: readonly DialogueStep[] };
export type Dialogue = { ok: boolean; failure: Failure | null; phases: Phases; durationMs: number; resolveMs: number; ip: string | null; tls: TlsFacts | null; failedDueToRegex: boolean; failedDueToBytes: boolean; expectInfo: readonly Record<string,string>[]; transcript: readonly string[] };

export type Inquiry = { server: { host: string; port: number }; transport: 'udp'|'tcp'|'tls'|'https'; tls: TlsSettings; tlsName?: string; path?: string; sourceAddress?: string; name: string; type: string; class: string; recursionDesired: boolean; subnet: string|null; nsid: boolean };
export type Inquired = { ok: boolean; failure: Failure|null; rcode: string|null; answer: readonly string[]; authority: readonly string[]; additional: readonly string[]; serial: number|null; phases: {connectMs: number; requestMs: number}; durationMs: number };

export type HealthQuestion = { host: string; port: number; family: AddressFamily; resolveWith: 'resolver'|'system'; service: string; tls: boolean; tlsName?: string; tlsSettings: TlsSettings; metadata: Readonly<Record<string, readonly string[]>>; sourceAddress?: string };
export type HealthAnswer = { ok: boolean; failure: Failure|null; ip: string|null; grpcStatus: number|null; serving: 'UNKNOWN'|'SERVING'|'NOT_SERVING'|'SERVICE_UNKNOWN'|null; tls: TlsFacts|null; phases: Phases; resolveMs: number; checkMs: number; durationMs: number };
export type Echo = { host: string; family: AddressFamily; resolveWith: 'resolver'|'system'; payloadBytes: number; ttl: number; dontFragment: boolean; sourceAddress?: string };
export type Echoed = { ok: boolean; failure: Failure|null; ip: string|null; resolveMs: number; setupMs: number; rttMs: number; hopLimit: number|null; by: 'icmp'|'udp'; durationMs: number };

export type Engines = {
  readonly journey: (request: JourneyRequest, context: ProbeContext) => Promise<Journey>;
  readonly converse: (terms: DialogueTerms, context: ProbeContext) => Promise<Dialogue>;
  readonly inquire: (inquiry: Inquiry, context: ProbeContext) => Promise<Inquired>;
  readonly askHealth: (question: HealthQuestion, context: ProbeContext) => Promise<HealthAnswer>;
  readonly echo: (asked: Echo, context: ProbeContext) => Promise<Echoed>;
};
