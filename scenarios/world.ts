/** A design that the lab can run: what the lab has to build, the scenario that its users would write, and its criteria. */
import type { StoredResult } from '../contract/api.ts';
import type { DrillReport } from '../contract/drill.ts';
import type { Row, Verdict } from '../contract/verdict.ts';
import type { HealthCheck, RecordSet } from '../zone/records.ts';
import type { AuditReport, Place } from './scenario.ts';

export type { AuditReport } from './scenario.ts';

export type ProfileName = 'fast' | 'real';

/** A scale of time. WORLDS says what is divided and what never is. */
export type Profile = {
  readonly name: ProfileName;
  /** What durations of the design are divided by. */
  readonly factor: number;
  readonly ttlSeconds: number;
  readonly healthCheckIntervalSeconds: number;
  readonly leaseMs: number;
  readonly limitMs: number;
  readonly probeEveryMs: number;
  readonly burstEveryMs: number;
  /** Undisturbed samples before the first drill. */
  readonly samplingMs: number;
  readonly holdMs: number;
  /** From creation to ready, and from deletion to gone. */
  readonly podReadyMs: number;
  readonly podGoneMs: number;
};

/** Where the lab put things: ports are free ones, so a scenario can be written only then. */
export type Bindings = {
  /** All doors share one port, because an address record has none. */
  readonly doorPort: number;
  /** Region to the address of its door. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly hostedZoneId: string;
  /** `address:port` of each name server. */
  readonly nameservers: readonly string[];
};

export type World = {
  readonly name: string;
  readonly profiles: Readonly<Record<ProfileName, Profile>>;
  readonly lab: (profile: Profile) => LabPlan;
  /** The scenario, in the form of INTERFACES (as YAML or JSON would have it). */
  readonly scenario: (at: Bindings, profile: Profile) => object;
  /** Names of the checks that are asked in a burst while undisturbed samples are taken: those that latency and shares need. */
  readonly sampled: readonly string[];
  /** Names of the scenario's drills, in the order in which a run makes them. */
  readonly drills: readonly string[];
  /** The drills that a row's verdict is made from; empty for those that need none. */
  readonly drillsFor: (rowId: string) => readonly string[];
  /** Row id to what the lab plants so that this row, and no other, turns red. */
  readonly plants: Readonly<Record<string, Plant>>;
  readonly rows: (facts: Facts) => readonly Row[];
};

export type LabPlan = {
  readonly zoneName: string;
  readonly regions: Readonly<Record<string, LabRegion>>;
  readonly places: Readonly<Record<string, Place>>;
  /** Records and health checks once addresses are known. A region's health check has the id `hc-<region>`. */
  readonly zone: (at: Bindings) => {
    readonly records: readonly RecordSet[];
    readonly healthChecks: readonly HealthCheck[];
  };
  /** Country to the jurisdictions that may serve and store its users; absent: anywhere. Refusals are 451. */
  readonly guard: Readonly<Record<string, readonly string[]>>;
  /** The round trips of Route 53's checkers to the doors, from the nearest to the farthest; absent: they are next to them. */
  readonly checkersRoundTripMs?: readonly [nearest: number, farthest: number];
  /** How far the regions' ledgers are behind each other. */
  readonly replicationLagMs: number;
  readonly populations: readonly Population[];
  readonly names: { readonly entry: string; readonly global: string; readonly standby: string };
};

export type LabRegion = {
  readonly jurisdiction: string;
  readonly workloads: Readonly<Record<string, number>>;
  /** The workload whose pods answer at the door. */
  readonly serving: string;
  /** The place its vantage and resolver stand for. */
  readonly place: string;
  /** Round trip in milliseconds from each place to this region's door. */
  readonly roundTripMs: Readonly<Record<string, number>>;
  /** Mean of the time the service itself takes. */
  readonly serviceMs: number;
  /** What its door does without a ready pod; 503 unless given. `black-hole` leaves connects hanging, what `swallow` takes hangs. */
  readonly whenDark?: 'status-503' | 'refuse' | 'black-hole' | 'swallow';
  /** Seconds: the resolver at its place raises shorter TTLs to this. Absent: it keeps to them. */
  readonly raiseTtlTo?: number;
};

/** Simulated users: `count` clients in a country that resolve `hostname` by their place's resolver and make requests. */
export type Population = {
  readonly country: string;
  readonly place: string;
  readonly hostname: string;
  readonly count: number;
  readonly requestEveryMs: number;
};

/** Something wrong with the world from its start, or from a moment of it on. */
export type Plant =
  | { readonly kind: 'round-trip'; readonly region: string; readonly addMs: number }
  | { readonly kind: 'records'; readonly change: (records: readonly RecordSet[]) => readonly RecordSet[] }
  /** The guard takes this region to be of that jurisdiction, or lets all through. */
  | { readonly kind: 'guard-map'; readonly region: string; readonly jurisdiction: string }
  /** Once `whileDark` has been dark for `afterMs`, at once if absent. */
  | {
      readonly kind: 'guard-off';
      readonly region: string;
      readonly whileDark: string | null;
      readonly afterMs?: number;
    }
  /** With a `status` other than 451 it is not logged as a refusal either. */
  | { readonly kind: 'guard-refuses'; readonly country: string; readonly region: string; readonly status?: number }
  | { readonly kind: 'log-silent'; readonly region: string }
  /**
   * What the region's ledger takes reaches no other, or twice; or it takes what only one region may take at a time: always,
   * or as long as it does not reach the one that may.
   */
  | {
      readonly kind: 'replication';
      readonly region: string;
      readonly how: 'drop' | 'double' | 'second-writer' | 'takes-over';
    }
  /** Each stored record of the country is copied there behind the guard's back, and no header says so. */
  | { readonly kind: 'leak'; readonly country: string; readonly from: string; readonly to: string }
  /** The door answers this instead of 503 when its pods are gone. */
  | { readonly kind: 'door-dark-status'; readonly region: string; readonly status: number }
  | { readonly kind: 'metric-missing'; readonly region: string; readonly metric: string }
  | { readonly kind: 'path-status'; readonly region: string; readonly path: string; readonly status: number };

/** All that rows are made from: what agents and drills observed, and what the service itself says. Never the lab's truth. */
export type Facts = {
  readonly profile: Profile;
  /** Undisturbed results, before any drill. */
  readonly results: readonly StoredResult[];
  /** All results of the five minutes before `metrics` was read, those from when agents came up and discarded samples too. */
  readonly recent: readonly StoredResult[];
  /** Results while drills ran, burst results included. */
  readonly drillResults: readonly StoredResult[];
  readonly verdicts: readonly Verdict[];
  readonly drills: readonly DrillReport[];
  /** The aggregator's `/metrics`, before the drills, as text 0.0.4; and each region's own. */
  readonly metrics: string;
  readonly regionMetrics: Readonly<Record<string, string>>;
  readonly audit: AuditReport | null;
  /** The service's residency log, per region. */
  readonly residencyLog: Readonly<Record<string, readonly LogRecord[]>>;
};

export type LogRecord = {
  readonly event: string;
  readonly requestId: string;
  readonly country: string;
  readonly region: string;
  readonly atMs: number;
};
