/** A hosted zone as Route 53 keeps it: record sets and health checks, as values. */

const recordTypes = [
  ...(['A', 'AAAA', 'CNAME', 'TXT', 'NS', 'SOA', 'MX', 'CAA', 'SRV', 'PTR'] as const),
  ...(['DS', 'HTTPS', 'NAPTR', 'SPF', 'SSHFP', 'SVCB', 'TLSA'] as const),
] as const;
/** All that Route 53 has. */
export type RecordType = (typeof recordTypes)[number];

export function isRecordType(text: string | undefined): text is RecordType {
  return recordTypes.some((type) => type === text);
}

/** The AWS regions that a latency record may name: those of the API's model. */
export const regionNames: ReadonlySet<string> = new Set([
  ...['af-south-1'],
  ...[
    'ap-east-1',
    'ap-east-2',
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-northeast-3',
    'ap-south-1',
    'ap-south-2',
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-southeast-3',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-6',
    'ap-southeast-7',
  ],
  ...['ca-central-1', 'ca-west-1'],
  ...['cn-north-1', 'cn-northwest-1'],
  ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['eusc-de-east-1'],
  ...['il-central-1'],
  ...['me-central-1', 'me-south-1'],
  ...['mx-central-1'],
  ...['sa-east-1'],
  ...['us-east-1', 'us-east-2', 'us-gov-east-1', 'us-gov-west-1', 'us-west-1', 'us-west-2'],
]);

export type Routing =
  | { readonly policy: 'simple' }
  | { readonly policy: 'failover'; readonly role: 'PRIMARY' | 'SECONDARY' }
  /** 0 to 255. */
  | { readonly policy: 'weighted'; readonly weight: number }
  | { readonly policy: 'latency'; readonly region: string }
  | { readonly policy: 'geolocation'; readonly location: GeoLocation }
  | { readonly policy: 'multivalue' };

export type GeoLocation =
  | { readonly continent: Continent }
  /** ISO 3166-1 alpha-2, or `*` for the default; a subdivision only with a country. */
  | { readonly country: string; readonly subdivision?: string };

export type Continent = 'AF' | 'AN' | 'AS' | 'EU' | 'NA' | 'OC' | 'SA';

export type RecordSet = {
  /** Fully qualified, lower case, with the final dot. */
  readonly name: string;
  readonly type: RecordType;
  /** Present if and only if the policy is not `simple`. */
  readonly setIdentifier: string | null;
  readonly routing: Routing;
  readonly healthCheckId: string | null;
  readonly target:
    | { readonly kind: 'values'; readonly ttlSeconds: number; readonly values: readonly string[] }
    /** To another name of the same zone and type, or to an AWS resource (`hostedZoneId` of its own). */
    | {
        readonly kind: 'alias';
        readonly name: string;
        readonly hostedZoneId: string;
        readonly evaluateTargetHealth: boolean;
      };
};

const healthCheckTypes = [
  'HTTP',
  'HTTPS',
  'HTTP_STR_MATCH',
  'HTTPS_STR_MATCH',
  'TCP',
  'CALCULATED',
  'CLOUDWATCH_METRIC',
  'RECOVERY_CONTROL',
] as const;
export type HealthCheckType = (typeof healthCheckTypes)[number];

export function isHealthCheckType(text: string | undefined): text is HealthCheckType {
  return healthCheckTypes.some((type) => type === text);
}

export type HealthCheck = {
  readonly id: string;
  /** Grows by one with each update; an update names the version it read. */
  readonly version: number;
  readonly type: HealthCheckType;
  readonly ipAddress: string | null;
  readonly port: number | null;
  readonly hostname: string | null;
  readonly path: string | null;
  readonly searchString: string | null;
  /** From the end of a response to the next request. Route 53 knows 10 and 30; a lab's profile may have others. */
  readonly requestIntervalSeconds: number;
  /** 1 to 10, in both directions. */
  readonly failureThreshold: number;
  readonly inverted: boolean;
  readonly disabled: boolean;
  /** Of a calculated check. */
  readonly healthThreshold: number;
  readonly childHealthChecks: readonly string[];
};

export type Zone = {
  readonly id: string;
  /** With the final dot. */
  readonly name: string;
  readonly nameservers: readonly string[];
  readonly records: readonly RecordSet[];
};

/** Where a client is, as far as the zone's geography knows. */
export type ClientLocation = {
  readonly continent: Continent | null;
  readonly country: string | null;
  readonly subdivision: string | null;
  /** Round trips in milliseconds to the regions of latency records; empty when unknown. */
  readonly latencyMs: Readonly<Record<string, number>>;
};

/** What one of the checkers last reported. */
export type CheckerReport = {
  /** One of Route 53's eight checker regions. */
  readonly region: string;
  readonly address: string;
  readonly healthy: boolean;
  /** `Success: …` or `Failure: …`, free text behind that. */
  readonly status: string;
  /** Epoch milliseconds. */
  readonly checkedAtMs: number;
};
