/**
 * A module of a blackbox.yml as it is after loading: the keys are blackbox_exporter 0.28.0's in camelCase, and what a
 * file leaves out is what that program takes then. A text that is absent is '', a number 0, as there; null is a stanza
 * or an address that is not there at all. Names of probers, protocols, codes and methods are not checked at loading
 * (it does not either): who probes refuses what it does not know.
 */

/** The probers of release 0.28.0; a file may name another, which `/probe` refuses. */
type ProberName = 'http' | 'tcp' | 'dns' | 'icmp' | 'grpc' | 'unix';

export type Module = {
  readonly name: string;
  /** '' when the file names none; any text at all when it names one. */
  readonly prober: ProberName | (string & {});
  /** 0: none of its own. To the nanosecond, so with fractions; may be negative. */
  readonly timeoutMs: number;
  readonly http: HttpModule;
  readonly tcp: TcpModule;
  readonly icmp: IcmpModule;
  readonly dns: DnsModule;
  readonly grpc: GrpcModule;
  readonly unix: UnixModule;
};

/** Where TLS material is: as text, in a file, or (`…Ref`) with a secret manager, which this program does not have. */
export type TlsModule = {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly caRef: string;
  readonly certRef: string;
  readonly keyRef: string;
  readonly serverName: string;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersionName;
  readonly maxVersion: TlsVersionName;
};

export type TlsVersionName = '' | 'TLS10' | 'TLS11' | 'TLS12' | 'TLS13';

export type ProxyModule = {
  /** With user and password, when it has them; null when the key is absent, '' when it is empty. */
  readonly proxyUrl: string | null;
  readonly noProxy: string;
  readonly proxyFromEnvironment: boolean;
  readonly proxyConnectHeader: Readonly<Record<string, readonly string[]>>;
};

export type BasicAuth = {
  readonly username: string;
  readonly usernameFile: string;
  readonly usernameRef: string;
  readonly password: string;
  readonly passwordFile: string;
  readonly passwordRef: string;
};

/** `bearer_token` and `bearer_token_file` end here too. */
export type AuthorizationModule = {
  readonly type: string;
  readonly credentials: string;
  readonly credentialsFile: string;
  readonly credentialsRef: string;
};

export type OAuth2Module = ProxyModule & {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientSecretFile: string;
  readonly clientSecretRef: string;
  readonly clientCertificateKeyId: string;
  readonly clientCertificateKey: string;
  readonly clientCertificateKeyFile: string;
  readonly clientCertificateKeyRef: string;
  readonly grantType: string;
  readonly signatureAlgorithm: string;
  readonly iss: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
  readonly tokenUrl: string;
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly tlsConfig: TlsModule;
};

export type HeaderMatch = { readonly header: string; readonly regexp: string; readonly allowMissing: boolean };

export type InjectedHeader = {
  readonly values: readonly string[];
  readonly secrets: readonly string[];
  readonly files: readonly string[];
};

export type HttpModule = ProxyModule & {
  readonly validStatusCodes: readonly number[];
  readonly validHttpVersions: readonly string[];
  readonly preferredIpProtocol: string;
  readonly ipProtocolFallback: boolean;
  readonly skipResolvePhaseWithProxy: boolean;
  readonly failIfSsl: boolean;
  readonly failIfNotSsl: boolean;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** RE2, compiled at loading. */
  readonly failIfBodyMatchesRegexp: readonly string[];
  readonly failIfBodyNotMatchesRegexp: readonly string[];
  readonly failIfBodyJsonMatchesCel: string | null;
  readonly failIfBodyJsonNotMatchesCel: string | null;
  readonly failIfHeaderMatches: readonly HeaderMatch[];
  readonly failIfHeaderNotMatches: readonly HeaderMatch[];
  readonly body: string;
  readonly bodyFile: string;
  readonly basicAuth: BasicAuth | null;
  readonly authorization: AuthorizationModule | null;
  readonly oauth2: OAuth2Module | null;
  readonly tlsConfig: TlsModule;
  /** `no_follow_redirects` is already taken into account. */
  readonly followRedirects: boolean;
  readonly enableHttp2: boolean;
  readonly httpHeaders: Readonly<Record<string, InjectedHeader>> | null;
  readonly compression: string;
  /** 0: no limit. */
  readonly bodySizeLimitBytes: number;
  readonly enableHttp3: boolean;
};

/** One step of a dialogue: `expect` is null where the file has none, which differs from an empty expression. */
export type QueryResponse = {
  readonly expect: string | null;
  readonly expectBytes: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly send: string;
  readonly starttls: boolean;
};

export type TcpModule = {
  readonly preferredIpProtocol: string;
  readonly ipProtocolFallback: boolean;
  readonly sourceIpAddress: string;
  readonly queryResponse: readonly QueryResponse[];
  readonly tls: boolean;
  readonly tlsConfig: TlsModule;
};

export type UnixModule = {
  readonly queryResponse: readonly QueryResponse[];
  readonly tls: boolean;
  readonly tlsConfig: TlsModule;
};

/** 0 to 255. */
type HopCount = number;

export type IcmpModule = {
  readonly preferredIpProtocol: string;
  readonly ipProtocolFallback: boolean;
  readonly sourceIpAddress: string;
  readonly payloadSize: number;
  readonly dontFragment: boolean;
  readonly ttl: HopCount;
};

/** RE2 that is not compiled at loading: one that is broken fails the probe. */
export type RecordValidator = {
  readonly failIfMatchesRegexp: readonly string[];
  readonly failIfAllMatchRegexp: readonly string[];
  readonly failIfNotMatchesRegexp: readonly string[];
  readonly failIfNoneMatchesRegexp: readonly string[];
};

export type DnsModule = {
  readonly preferredIpProtocol: string;
  readonly ipProtocolFallback: boolean;
  readonly dnsOverTls: boolean;
  readonly tlsConfig: TlsModule;
  readonly sourceIpAddress: string;
  readonly transportProtocol: string;
  readonly queryClass: string;
  readonly queryName: string;
  readonly queryType: string;
  readonly recursionDesired: boolean;
  readonly validRcodes: readonly string[];
  readonly validateAnswerRrs: RecordValidator;
  readonly validateAuthorityRrs: RecordValidator;
  readonly validateAdditionalRrs: RecordValidator;
};

export type GrpcModule = {
  readonly service: string;
  readonly tls: boolean;
  readonly tlsConfig: TlsModule;
  /** False when a module has no `grpc` stanza, though the stanza's own default is true. */
  readonly ipProtocolFallback: boolean;
  readonly preferredIpProtocol: string;
  readonly metadata: Readonly<Record<string, readonly string[]>>;
};
