/** A scenario as the programs use it: parsed, complete, units converted. INTERFACES has the form that users write. */
import type { DnsOptions, Expectation, GrpcCheck, HttpOptions, IcmpCheck, Identity } from '../contract/check.ts';
import type { FailureMode } from '../contract/failure-mode.ts';
import type { Objective } from '../contract/objective.ts';
import type { TcpCheck, TlsCheck } from '../contract/tcp.ts';
import type { AlertmanagerPlan } from './alertmanagers.ts';
import type { AwsPlan } from './aws.ts';
import type { CanaryPlan } from './canaries.ts';
import type { FederatePlan, RemoteWritePlan } from './exchange.ts';
import type { FaultPlan, SwitchboardPlan } from './faults.ts';
import type { LoadPlan } from './load-plan.ts';
import type { NotifyPlan } from './notify.ts';
import type { SchedulePlan } from './schedule.ts';

export type { CanaryPlan, CanaryRequest } from './canaries.ts';

export type Scenario = {
  readonly service: string;
  /** Entry names by key: `{ api: 'https://api.agent.example' }`. */
  readonly entry: Readonly<Record<string, string>>;
  readonly zone: ZonePlan | null;
  readonly regions: Readonly<Record<string, RegionPlan>>;
  /** Where probes may be made from: named after regions, and others. */
  readonly vantages: readonly string[];
  readonly identity: Identity;
  /** The request header that carries the user's country; `null` where there is none. */
  readonly userCountryHeader: string | null;
  readonly residency: readonly ResidencyRule[];
  readonly inventory: Readonly<Record<string, Inventory>>;
  /** Where the service's residency log can be read, per region: JSON lines over HTTP. */
  readonly residencyLog: Readonly<Record<string, string>>;
  readonly places: Readonly<Record<string, Place>>;
  readonly references: readonly string[];
  readonly checks: readonly CheckPlan[];
  readonly objectives: readonly Objective[];
  readonly drills: readonly DrillPlan[];
  readonly allow: Allowance;
  /** By region; what faults elsewhere than in a cluster are done with. */
  readonly switchboards: Readonly<Record<string, SwitchboardPlan>>;
  /** What mends in a cluster when a runner dies; `null`: an image of this version, by its usual name. */
  readonly restorer: RestorerImage | null;
  readonly metricsPrefix: string;
  /** Rule name to reason: `{ 'guard.headroom': 'the design is known to lack it' }`. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly remoteWrite: readonly RemoteWritePlan[];
  readonly federate: readonly FederatePlan[];
  readonly alertmanagers: readonly AlertmanagerPlan[];
  /** Who is told how drills go. */
  readonly notify: readonly NotifyPlan[];
  /** What imported files say and a scenario cannot, each with its place; absent where there is nothing to say. */
  readonly notes?: readonly string[];
};

/** `image`: where the clusters' nodes pull it from. */
export type RestorerImage = { readonly image: string };

/** What drills may touch, by name, and when. */
export type Allowance = {
  readonly contexts: readonly string[];
  readonly workloads: readonly string[];
  /** `null`: at any time. */
  readonly hours: Hours | null;
  readonly freezes: readonly Freeze[];
};

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** When drills may begin. Where `toMinute` is not behind `fromMinute` it is on the next day. */
export type Hours = {
  readonly days: readonly Weekday[];
  /** Minutes since midnight, by the wall of `timeZone`. */
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly timeZone: string;
};

/** Days (`2026-12-20`) on which none may begin, the last one included. */
export type Freeze = {
  readonly from: string;
  readonly to: string;
  readonly because: string;
  readonly timeZone: string;
};

export type ZonePlan = {
  readonly provider: 'route53';
  readonly id: string;
  readonly names: readonly string[];
  /** `address:port` of each authoritative server; empty: those that the zone delegates to, at port 53. */
  readonly nameservers: readonly string[];
  /** ARNs of roles: whom to read and change it as, and whom a schedule acts as that mends; and where schedules are. */
  readonly role?: string;
  readonly undoRole?: string;
  readonly undoRegion?: string;
};

export type RegionPlan = {
  readonly jurisdiction: string;
  /** Percent of the traffic, 0 to 100. */
  readonly share: number;
  readonly endpoint: string;
  /** The place whose users this region's vantage stands for; `null` when its own address shows it. */
  readonly place: string | null;
  readonly metrics: { readonly url: string; readonly keep: readonly string[] } | null;
  readonly kubernetes: KubernetesPlan | null;
  /** What its door does when nothing serves behind it; absent: what the fault makes of it. */
  readonly whenDark?: FailureMode;
  readonly loadBalancer?: LoadBalancerPlan;
  readonly aws?: AwsPlan;
};

/** Of the target groups that its names follow by `EvaluateTargetHealth`. */
export type LoadBalancerPlan = {
  /** How long a target that is being taken out may go on with the connections that it has. */
  readonly deregistrationDelayMs: number;
  readonly healthCheckIntervalMs: number;
};

/** What AWS gives those that are not told otherwise. */
export const usualLoadBalancer: LoadBalancerPlan = { deregistrationDelayMs: 300_000, healthCheckIntervalMs: 30_000 };

export type KubernetesPlan = {
  readonly context: string;
  readonly namespace: string;
  readonly workloads: readonly Workload[];
};
/** `kind`: `deployment`, `statefulset`, or `PLURAL.GROUP` of anything else that has a scale: `rollouts.argoproj.io`. */
export type Workload = { readonly kind: string; readonly name: string };

/** Jurisdictions that may serve and store what belongs to users of these countries; `null`: anywhere. */
export type ResidencyRule = {
  /** ISO 3166-1 codes: groups like EU are there as their members. */
  readonly countries: readonly string[];
  readonly servedIn: readonly string[] | null;
  readonly storedIn: readonly string[] | null;
  /** The status code that refuses. */
  readonly refusal: number;
};

/** JSON paths are a subset: `$`, `.name`, `[*]`. */
export type Inventory = {
  readonly http: string;
  readonly records: string;
  readonly country: string;
  readonly region: string;
};

export type Place = { readonly subnet: string; readonly country: string; readonly continent: string };

export type Endpoint =
  | { readonly to: 'regions'; readonly only: readonly string[] | null }
  | { readonly to: 'entry'; readonly entry: string };

/** What is asked below HTTP: the host of an endpoint, or one that no region has. */
export type HostEndpoint = Endpoint | { readonly to: 'host'; readonly host: string };

/** `null` is the port of the URL that the host is from. */
type OverTcp<C> = Omit<C, 'host' | 'port'> & { readonly endpoint: HostEndpoint; readonly port: number | null };

type CheckPlanCommon = {
  readonly name: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Vantages that make it; `null` for all. */
  readonly from: readonly string[] | null;
  /** So many of them have to agree on whom to blame; absent: a majority of the healthy ones. */
  readonly quorum?: number;
};

export type CheckPlan = CheckPlanCommon &
  (
    | {
        readonly kind: 'http';
        readonly endpoint: Endpoint;
        readonly path: string;
        readonly method: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: string | null;
        readonly resolveWith: 'resolver' | 'system';
        readonly expect: Expectation;
        /** What else was asked for. */
        readonly more: HttpOptions;
      }
    | {
        readonly kind: 'dns';
        readonly hostname: string;
        /** `A`, `MX`, `TYPE65280`. */
        readonly recordType: string;
        /** `resolver`: the vantage's own. `authorities`: each of the zone's name servers. Or `address:port`. */
        readonly server: string;
        /** Names of places; empty: one question without client subnet. */
        readonly subnets: readonly string[];
        /** Place to the region that its answer has to lead to; a place that is absent may lead anywhere. */
        readonly expectRegion: Readonly<Record<string, string>>;
        /** What else was asked for. */
        readonly more: DnsOptions;
      }
    | {
        readonly kind: 'residency';
        readonly endpoint: Endpoint;
        readonly path: string;
        readonly method: string;
        readonly body: string | null;
        readonly userCountry: string;
      }
    | ({ readonly kind: 'grpc'; readonly endpoint: HostEndpoint } & Omit<GrpcCheck, 'host' | 'identity'>)
    | ({ readonly kind: 'icmp'; readonly endpoint: HostEndpoint } & Omit<IcmpCheck, 'host'>)
    | ({ readonly kind: 'tcp' } & OverTcp<TcpCheck>)
    | ({ readonly kind: 'tls' } & OverTcp<TlsCheck>)
  );

export type EntryExpectation = {
  /** A key of `entry`. */
  readonly entry: string;
  /** Regions that may take over; empty: nobody may. */
  readonly servedBy: readonly string[];
  readonly withinMs: number;
  readonly failbackMs: number;
  /** `holds`: no user was served or stored where a residency rule forbids it, all through the drill. */
  readonly residency: 'holds' | null;
};

/** What can be suspended while a drill runs, by who it is: each puts replicas back that it has not chosen. */
export const suspendables = ['keda', 'argo-cd', 'flux'] as const;
export type Suspendable = (typeof suspendables)[number];

export type DrillPlan = {
  readonly name: string;
  readonly fault: FaultPlan;
  /** What the drill may suspend; the guard refuses where somebody else would undo it. */
  readonly suspend: readonly Suspendable[];
  readonly expect: readonly EntryExpectation[];
  readonly burst: { readonly everyMs: number; readonly forMs: number };
  readonly leaseMs: number;
  /** How long the failed-over state is watched before restoring. */
  readonly holdMs: number;
  readonly schedule: SchedulePlan | null;
  /** How long after the injection it is restored in any case; `null`: what its limits add up to, and a minute. */
  readonly deadlineMs: number | null;
  readonly stop: StopPlan;
  /** Under which load it runs; absent: none of ours. */
  readonly load?: LoadPlan;
  /** Numbered writes from before the injection until failback is over; absent: none are made. */
  readonly canaries?: CanaryPlan | null;
};

/** When a drill stops because it hurts more than it is meant to. */
export type StopPlan = {
  /** How many times faster than its objective allows the error budget may go: at 14.4 a month's is gone in two days. */
  readonly burn: number;
  /** Over how long that is measured. */
  readonly overMs: number;
  /** `null`: the availability objectives of the regions that the drill leaves alone. */
  readonly objectives: readonly string[] | null;
};

/** The first rule for users of a country; without one, anybody may serve and store. */
export function residencyRuleFor(scenario: Pick<Scenario, 'residency'>, country: string): ResidencyRule | undefined {
  return scenario.residency.find((rule) => rule.countries.includes(country));
}

/** Regions of these jurisdictions; `null`: all. */
export function regionsWithin(scenario: Scenario, jurisdictions: readonly string[] | null): readonly string[] {
  return Object.entries(scenario.regions)
    .filter(([, { jurisdiction }]) => jurisdictions === null || jurisdictions.includes(jurisdiction))
    .map(([region]) => region);
}

/** Where the data of a country's users is, from the inventories. */
export type AuditReport = {
  readonly country: string;
  /** Region whose store was read to the number of records of that country in it; `null` where it could not be read. */
  readonly records: Readonly<Record<string, number | null>>;
  readonly allowed: readonly string[];
  readonly status: 'pass' | 'fail' | 'inconclusive';
  readonly because: string;
};
