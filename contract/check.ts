/** What to measure: one shape per kind. A new kind does not compile until it has a prober. */
export type Checks = { http: HttpCheck; dns: DnsCheck; residency: ResidencyCheck };
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
};

/** Which response headers say who answered and where the data went; `null` where the service does not say. */
export type Identity = { readonly servedBy: string | null; readonly storedIn: string | null };

export type Expectation = {
  /** Any of these status codes. */
  readonly status: readonly number[];
  /** Header name, in lower case, to the exact value. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each of these texts is in the body's first 64 KiB. */
  readonly bodyContains: readonly string[];
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
};

export type DnsCheck = {
  readonly hostname: string;
  readonly recordType: 'A' | 'AAAA';
  /** `null`: the agent's own resolver. Otherwise `address:port` of a resolver or an authoritative server. */
  readonly server: string | null;
  /** EDNS client subnet to send, `198.51.100.0/24`; `null` for none. */
  readonly subnet: string | null;
  /** The place that the subnet stands for, for people: `new-york`. */
  readonly place: string | null;
  /** Good when every answer leads to one of these regions; `null`: good with at least one answer. */
  readonly expectRegions: readonly string[] | null;
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
