import type { Json } from './json.ts';
import type { SecretReference } from './secret.ts';
import type { TcpCheck, TlsCheck } from './tcp.ts';
import type { AddressFamily, TlsTerms, TlsVersion } from './tls.ts';

/** What to measure: one shape per kind. A new kind does not compile until it has a prober. */
export type Checks = {
  http: HttpCheck;
  dns: DnsCheck;
  residency: ResidencyCheck;
  grpc: GrpcCheck;
  icmp: IcmpCheck;
  tcp: TcpCheck;
  tls: TlsCheck;
};
export type CheckKind = keyof Checks;

/** One question, put to one place. */
export type Check<K extends CheckKind = CheckKind> = { [P in K]: CheckCommon & { readonly kind: P } & Checks[P] }[K];

export type CheckCommon = {
  /** Unique in an assignment: `home/us-east-1`. Results carry it. */
  readonly id: string;
  /** The name in the scenario: `home`. The `check` label of metrics; several checks may share it. */
  readonly name: string;
  /** The service. */
  readonly target: string;
  /** The region asked, where the check asks one; `null` where a name decides. */
  readonly region: string | null;
  /** The entry name asked, by its key in the scenario (`api`); `null` where the check asks none. */
  readonly entry: string | null;
  /** Which vantages make it; `null` for all. */
  readonly vantages: readonly string[] | null;
  readonly everyMs: number;
  /** The attempt is over after this, from its start; at most `everyMs` is not required. */
  readonly timeoutMs: number;
  /** So many healthy vantages have to agree on whom to blame; absent or `null`: a majority of them. */
  readonly quorum?: number | null;
  /** Checks with the same text here are made at the same instants; absent: each at instants of its own. */
  readonly together?: string;
};

/** Which response headers say who answered and where the data went; `null` where the service does not say. */
export type Identity = {
  readonly servedBy: string | null;
  readonly storedIn: string | null;
  /** Where no header says who answered: the `Server-Timing` metric whose `desc` does. */
  readonly serverTiming?: string;
  /** Where that does not say either: SHA-256 of a server's certificate, in lower-case hex, to who shows it. */
  readonly fingerprints?: Readonly<Record<string, string>>;
};

export type Expectation = {
  /** Any of these status codes. */
  readonly status: readonly number[];
  /** Header name, in lower case, to the exact value. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each of these texts is in the body's first 64 KiB. */
  readonly bodyContains: readonly string[];
  /** Any of these versions of HTTP. */
  readonly versions?: readonly AnswerVersion[];
  readonly headerMatches?: readonly HeaderPattern[];
  /** RE2, each found somewhere in the body; none of them. */
  readonly bodyMatches?: readonly string[];
  readonly bodyNotMatches?: readonly string[];
  readonly json?: readonly JsonExpectation[];
  /** CEL, each true of `body` (the JSON answered), `status` and `headers` (name in lower case to value). */
  readonly cel?: readonly string[];
  readonly certificate?: CertificateExpectation;
};

export type AnswerVersion = '1.0' | '1.1' | '2';

export type HeaderPattern = {
  /** In lower case. */
  readonly header: string;
  /** RE2: found in one of the header's values, or in none of them. */
  readonly matches?: string;
  readonly notMatches?: string;
  /** An answer without the header is good too. */
  readonly optional?: true;
};

/** What a JSON path (RFC 9535) finds in the body. Without a condition: that it finds anything. */
export type JsonExpectation = {
  readonly path: string;
  /** Some value found equals this. */
  readonly equals?: Json;
  /** RE2: found in some text, number or truth value that the path finds. */
  readonly matches?: string;
  /** `false`: the path finds nothing. */
  readonly exists?: boolean;
};

export type CertificateExpectation = {
  /** Of all certificates that the server sends, the first to end has so many days left. */
  readonly minDaysLeft?: number;
  /** SHA-256 of the server's certificate in lower-case hex: any of these. */
  readonly fingerprints?: readonly string[];
  readonly versions?: readonly TlsVersion[];
  /** IANA's names: any of these. */
  readonly ciphers?: readonly string[];
};

export type HttpCheck = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** `resolver`: our own DNS client at the agent's resolver. `system`: getaddrinfo. */
  readonly resolveWith: 'resolver' | 'system';
  readonly expect: Expectation;
  readonly identity: Identity;
  /** How many redirects are followed; absent: none, a redirect is the answer. */
  readonly redirects?: number;
  /** Cookies that an answer sets go along with the redirects after it. */
  readonly cookies?: true;
  /** Offered by ALPN; absent: HTTP/1.1 alone. */
  readonly httpVersions?: readonly ('1.1' | '2')[];
  readonly family?: AddressFamily;
  readonly authorization?: HttpAuthorization;
  readonly proxy?: HttpProxy;
  readonly tls?: TlsTerms;
  /** Asked for with `Accept-Encoding`, and undone where the answer says that it is so packed. */
  readonly compression?: 'gzip' | 'br' | 'deflate' | 'identity';
  /** A body that is larger, unpacked, is no good answer. */
  readonly bodyLimitBytes?: number;
};

/** The keys of an http check that nobody has to write. */
export type HttpOptions = Pick<
  HttpCheck,
  | 'redirects'
  | 'cookies'
  | 'httpVersions'
  | 'family'
  | 'authorization'
  | 'proxy'
  | 'tls'
  | 'compression'
  | 'bodyLimitBytes'
>;

/** Who the check is to the service. Secrets are references that the agent resolves. */
export type HttpAuthorization =
  | { readonly kind: 'basic'; readonly username: string; readonly password: SecretReference }
  /** `Authorization: TYPE credentials`; the type is `Bearer` unless it says otherwise. */
  | { readonly kind: 'bearer'; readonly type?: string; readonly credentials: SecretReference }
  | {
      readonly kind: 'oauth2';
      readonly clientId: string;
      readonly clientSecret: SecretReference;
      readonly tokenUrl: string;
      readonly scopes: readonly string[];
      readonly parameters: Readonly<Record<string, string>>;
    };

export type HttpProxy = {
  /** `http://` or `https://`, without a user. */
  readonly url: string;
  readonly username?: string;
  readonly password?: SecretReference;
  /** Sent with CONNECT. */
  readonly connectHeaders?: Readonly<Record<string, string>>;
};

export type DnsCheck = {
  readonly hostname: string;
  /** Any type by its name, `MX`, or by its number, `TYPE65280`. */
  readonly recordType: string;
  /**
   * `null`: the agent's own resolver. Otherwise `address:port` of a resolver or an authoritative server; over TLS and
   * HTTPS it may have a name.
   */
  readonly server: string | null;
  /** EDNS client subnet to send, `198.51.100.0/24`; `null` for none. */
  readonly subnet: string | null;
  /** The place that the subnet stands for, for people: `new-york`. */
  readonly place: string | null;
  /** Good when every answer leads to one of these regions; `null`: good with at least one answer. */
  readonly expectRegions: readonly string[] | null;
} & DnsOptions;

/** A check on addresses that has none of these is asked over UDP, and over TCP where that answer was cut short. */
export type DnsOptions = {
  /** One message over this, whatever comes back; `udp` where the check has another of these keys. */
  readonly transport?: 'udp' | 'tcp' | 'tls' | 'https';
  readonly tls?: TlsTerms;
  /** Which of the server's addresses, where it has a name. */
  readonly family?: AddressFamily;
  /** Of DNS over HTTPS: `/dns-query` where it is absent. */
  readonly path?: string;
  readonly class?: 'IN' | 'CH' | 'HS' | 'ANY';
  /** `false`: the server is not asked to ask others. */
  readonly recursion?: false;
  /** The server is asked for its name: RFC 5001. */
  readonly nsid?: true;
  /** Any of these codes is good; `NOERROR` with a record of the type asked where neither this nor `validate` is there. */
  readonly rcodes?: readonly string[];
  readonly validate?: { readonly [S in RecordSection]?: RecordExpectation };
};

export const recordSections = ['answer', 'authority', 'additional'] as const;
export type RecordSection = (typeof recordSections)[number];

/**
 * RE2 patterns over the records of one section, each a line with tabs between its fields:
 * `name.`, TTL, class, type, and data with spaces in between.
 */
export type RecordExpectation = {
  /** There are records, and each matches all of these. */
  readonly matchAll?: readonly string[];
  /** A record matches one of these. */
  readonly matchAny?: readonly string[];
  /** No record matches any of these. */
  readonly matchNone?: readonly string[];
  /** Each record matches all of these; there need be none. */
  readonly matchAllOrEmpty?: readonly string[];
};

export type ResidencyCheck = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly userCountry: string;
  readonly identity: Identity;
  /** `served`: in one of these regions (`null`: any), stored in one of these (`null`: any). `refused`: this status. */
  readonly expect:
    | {
        readonly answer: 'served';
        readonly servedIn: readonly string[] | null;
        readonly storedIn: readonly string[] | null;
      }
    | { readonly answer: 'refused'; readonly status: number };
};

/** grpc.health.v1.Health/Check: good when the service is SERVING. */
export type GrpcCheck = {
  /** A name or a literal. */
  readonly host: string;
  readonly port: number;
  readonly family: AddressFamily;
  readonly resolveWith: 'resolver' | 'system';
  /** Empty: the server as a whole. */
  readonly service: string;
  /** Absent: without TLS. */
  readonly tls?: TlsTerms;
  /** Name in lower case to its values. Secrets are references that the agent resolves. */
  readonly metadata: Readonly<Record<string, readonly (string | SecretReference)[]>>;
  readonly identity: Identity;
};

/** How many routers may hand a packet on: a time only by its name. */
export type HopCount = number;

/** One echo: good when an answer comes back. */
export type IcmpCheck = {
  /** A name or a literal. */
  readonly host: string;
  readonly family: AddressFamily;
  readonly resolveWith: 'resolver' | 'system';
  readonly payloadBytes: number;
  /** Of IPv6 the hop limit. */
  readonly ttl: HopCount;
  readonly dontFragment: boolean;
};

/** What makes the checks of an assignment comparable over regions. */
export type RegionAddresses = Readonly<Record<string, readonly string[]>>;

/** What the aggregator sends its agents. */
export type Assignment = {
  /** Grows with every change; agents keep the newest. */
  readonly version: number;
  readonly checks: readonly Check[];
  /** Host names or addresses of each region's endpoints: an agent tells by them which region an address leads to. */
  readonly regions: RegionAddresses;
  /** URLs that tell a broken vantage from a broken target. */
  readonly references: readonly string[];
};

export const emptyAssignment: Assignment = { version: 0, checks: [], regions: {}, references: [] };
