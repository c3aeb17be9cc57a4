/** A scenario as its users write it in TypeScript. YAML and JSON have the same keys. */

import type { AlertmanagersSource } from './alertmanagers.ts';
import type { CanariesSource } from './canaries.ts';
import type { DnsOptionsSource, RecordTypeText } from './dns-source.ts';
import type { ExchangeSource } from './exchange.ts';
import type { FaultSource, SwitchboardsSource } from './faults.ts';
import type { AddressSource, GrpcSource, IcmpSource } from './host-source.ts';
import type { HttpExpectationSource, HttpOptionsSource } from './http-source.ts';
import type { ImportsSource } from './imports.ts';
import type { LoadSource } from './load-source.ts';
import type { NotifySource } from './notify.ts';
import type { ScheduleSource } from './schedule.ts';
import type { TcpSource, TlsSource } from './tcp-source.ts';

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w';
/** `250ms`, `30s`, `1h30m`. */
export type DurationText = `${number}${Unit}` | `${number}${Unit}${number}${Unit}`;
/** `99.9%`, or a ratio from 0 to 1. */
type RatioText = `${number}%` | number;
type Continent = 'AF' | 'AN' | 'AS' | 'EU' | 'NA' | 'OC' | 'SA';
type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
type Texts = { readonly [name: string]: string };

type RegionSource = {
  /** Whose law holds here: `EU`, `US`. Residency rules name it. */
  readonly jurisdiction: string;
  /** Percent of the traffic; regions that give none split evenly what the others leave. */
  readonly share?: number;
  /** The region's own address, past any routing. */
  readonly endpoint: string;
  /** The city whose users this region's vantage stands for. */
  readonly place?: string;
  /** The service's own metrics here, and the families of them to keep. */
  readonly metrics?: { readonly url: string; readonly keep: readonly string[] };
  /** What a fault scales. The namespace is `default` unless given. */
  readonly kubernetes?: {
    readonly context: string;
    readonly namespace?: string;
    readonly workloads: readonly (`deployment/${string}` | `statefulset/${string}` | `${string}.${string}/${string}`)[];
  };
  /** Its services in AWS; roles are ARNs: as whom they are changed, and as whom a schedule mends them. */
  readonly aws?: {
    readonly region: string;
    readonly role?: string;
    readonly ecs?: { readonly cluster: string; readonly services: readonly string[] };
    readonly undoRole?: string;
  };
};

type CheckCommon<Region extends string> = {
  readonly name: string;
  /** At least 100ms. */
  readonly every: DurationText;
  /** How long an attempt may take. By default the interval, and 10s at most. */
  readonly timeout?: DurationText;
  /** Vantages that make it; all by default. */
  readonly from?: NoInfer<Region> | (string & {}) | readonly (NoInfer<Region> | (string & {}))[];
  /** So many of them have to agree on whom to blame for a failure; a majority of the healthy ones by default. */
  readonly quorum?: number;
};
/** Each region's own endpoint, some of them, or an entry name. */
type To<Region extends string, Entry extends string> =
  | 'regions'
  | readonly NoInfer<Region>[]
  | `entry.${NoInfer<Entry>}`;

/** The host of each of these, or one that no region has. */
type HostSource<Region extends string, Entry extends string> = AddressSource &
  ({ readonly to: To<Region, Entry>; readonly host?: never } | { readonly host: string; readonly to?: never });

type CheckSource<Region extends string, Entry extends string> = CheckCommon<Region> &
  (
    | ({
        readonly kind: 'http';
        readonly to: To<Region, Entry>;
        /** `/` by default. */
        readonly path?: `/${string}`;
        readonly method?: Method;
        readonly headers?: Texts;
        readonly body?: string;
        /** Our own DNS client at the agent's resolver (the default), or the system's getaddrinfo. */
        readonly resolveWith?: 'resolver' | 'system';
        /** Status 200 by default. `{region}` in a header's value stands for the region asked. */
        readonly expect?: HttpExpectationSource;
      } & HttpOptionsSource)
    | ({
        readonly kind: 'dns';
        readonly hostname: string;
        /** `A` by default. */
        readonly type?: RecordTypeText;
        /**
         * The vantage's own resolver, each of the zone's name servers, or `address:port`. By default the authorities
         * where subnets are asked for and the zone names its name servers, else the resolver.
         */
        readonly server?: 'resolver' | 'authorities' | (string & {});
        /** Places to ask for, as EDNS client subnets. */
        readonly subnets?: readonly string[];
        /** Where each place has to be led. */
        readonly expect?: { readonly [place: string]: NoInfer<Region> };
      } & DnsOptionsSource)
    | {
        readonly kind: 'residency';
        readonly to: To<Region, Entry>;
        readonly path?: `/${string}`;
        /** `POST` by default, with the body `{}`. */
        readonly method?: Method;
        readonly body?: string;
        readonly userCountry: string;
      }
    | ({ readonly kind: 'grpc' } & HostSource<Region, Entry> & GrpcSource)
    | ({ readonly kind: 'icmp' } & HostSource<Region, Entry> & IcmpSource)
    | ({ readonly kind: 'tcp' } & HostSource<Region, Entry> & TcpSource)
    | ({ readonly kind: 'tls' } & HostSource<Region, Entry> & TlsSource)
  );

type ObjectiveSource<Region extends string> = {
  readonly id: string;
  readonly check: string;
  readonly region?: NoInfer<Region>;
  /** `own`: only vantages in the region. The default for the latency of one region; `all` for everything else. */
  readonly from?: 'own' | 'all';
  /** What is missing: left out (by default), bad, or held to be what its own slice or the one before it was. */
  readonly missing?: 'exclude' | 'bad' | 'hold';
  /** The longest that one outage is assumed to last: its results count as one. */
  readonly bursts?: DurationText;
  /** Left out of the window. They may overlap. Times with their offset from UTC. */
  readonly exclude?: readonly { readonly from: string; readonly to: string; readonly because: string }[];
  /**
   * `apart`: what drills break is not charged to the error budget that guards them. `excluded`: verdicts leave it out
   * too. `charged` by default.
   */
  readonly drills?: 'charged' | 'apart' | 'excluded';
} & (
  | { readonly window: DurationText }
  /** The period that begins at midnight there; weeks begin on Mondays. */
  | { readonly calendar: { readonly every: 'day' | 'week' | 'month' | 'quarter' | 'year'; readonly timeZone: string } }
) &
  (
    | { readonly indicator: RatioIndicatorSource; readonly target: RatioText; readonly budget?: BudgetSource }
    | {
        readonly indicator: { readonly latency: `p${number}` } | { readonly 'replication-lag': `p${number}` };
        readonly target: DurationText;
        /**
         * Over several regions: every result counts the same (`pooled`, by default), every region does, or each as much as
         * its share of the traffic.
         */
        readonly weighting?: 'pooled' | 'equal' | 'traffic';
      }
  );

type RatioIndicatorSource =
  | 'availability'
  | 'residency'
  | { readonly 'latency-under': DurationText }
  | { readonly freshness: DurationText }
  | { readonly 'failover-within': DurationText };

/** By occurrences by default; else slices of time count, each good with so many of its results good. */
type BudgetSource = 'occurrences' | { readonly slices: DurationText; readonly good: RatioText };

type DrillSource<Region extends string, Entry extends string> = {
  readonly name: string;
  readonly fault: FaultSource<NoInfer<Region>>;
  /** Who is suspended while it runs, because they would undo it. Nobody by default. */
  readonly suspend?: readonly ('keda' | 'argo-cd' | 'flux')[];
  readonly expect: readonly {
    readonly entry: NoInfer<Entry>;
    /** Who may take over. `[]`: nobody may. */
    readonly servedBy: readonly NoInfer<Region>[];
    readonly within: DurationText;
    /** As `within` by default. */
    readonly failback?: DurationText;
    readonly residency?: 'holds';
  }[];
  /** Every 100ms to 500ms. 250ms for 10m by default. */
  readonly burst?: { readonly every?: DurationText; readonly for?: DurationText };
  /** 30s by default, at least 2s. */
  readonly lease?: DurationText;
  /** How long the failed-over state is watched before restoring; 30s by default. */
  readonly hold?: DurationText;
  /** Minute, hour, day, month, weekday. */
  readonly schedule?: ScheduleSource;
  /** It is restored after so long in any case. By default what its limits add up to, and a minute. */
  readonly deadline?: DurationText;
  /** It is restored when objectives burn faster than this. 14.4 over 1m by default, for those of other regions. */
  readonly stop?: { readonly burn?: number; readonly over?: DurationText; readonly objectives?: readonly string[] };
  /** k6 runs all through it. None by default. */
  readonly load?: LoadSource<NoInfer<Entry>>;
  /** Numbered writes through the drill, erased afterwards. None by default. */
  readonly canaries?: CanariesSource<NoInfer<Region>, NoInfer<Entry>>;
};

type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';
type AllowanceSource = {
  readonly contexts?: readonly string[];
  readonly workloads?: readonly string[];
  /** When drills may begin, such as 09:00 to 16:00; at any time by default. */
  readonly hours?: {
    readonly days: readonly Weekday[];
    readonly from: string;
    readonly to: string;
    readonly timeZone: string;
  };
  /** Days such as 2026-12-20, the last one included. By default in the time zone of `hours`, or UTC. */
  readonly freezes?: readonly {
    readonly from: string;
    readonly to: string;
    readonly because: string;
    readonly timeZone?: string;
  }[];
};

export type ScenarioSource<Region extends string = string, Entry extends string = string> = {
  readonly service: string;
  readonly entry?: { readonly [E in Entry]: string };
  readonly zone?: {
    readonly provider: 'route53';
    readonly id: string;
    readonly names?: readonly string[];
    /** `address:port` each; by default those that the zone is delegated to. */
    readonly nameservers?: readonly string[];
    /** ARNs of roles: as whom it is read and changed, and as whom a schedule mends it; and the region of schedules. */
    readonly role?: string;
    readonly undoRole?: string;
    readonly undoRegion?: string;
  };
  readonly regions?: { readonly [R in Region]: RegionSource };
  /** Vantages that are not named after a region. */
  readonly vantages?: readonly string[];
  readonly identity?: {
    /** The first of these that says so: a header, a metric of `Server-Timing`, a certificate's SHA-256. */
    readonly servedBy?: {
      readonly header?: string;
      readonly serverTiming?: string;
      readonly fingerprints?: { readonly [sha256: string]: string };
    };
    readonly storedIn?: { readonly header: string };
    readonly userCountry?: { readonly requestHeader: string };
  };
  readonly residency?: readonly {
    /** ISO 3166-1 codes, or `EU` or `EEA` for their members. */
    readonly countries: readonly string[];
    /** Jurisdictions; anywhere by default. */
    readonly servedIn?: readonly string[];
    readonly storedIn?: readonly string[];
    /** 451 by default. */
    readonly refusal?: number;
  }[];
  readonly inventory?: {
    readonly [R in NoInfer<Region>]?: {
      readonly http: string;
      readonly records?: string;
      readonly country?: string;
      readonly region?: string;
    };
  };
  /** Where each region's residency log can be read, as JSON lines. */
  readonly residencyLog?: { readonly [R in NoInfer<Region>]?: string };
  /** Places beside those that are built in, or instead of them. */
  readonly places?: {
    readonly [place: string]: { readonly subnet: string; readonly country: string; readonly continent: Continent };
  };
  /** URLs that have nothing to do with the service: agents ask them too, to tell a broken vantage from a broken target. */
  readonly references?: readonly string[];
  readonly checks?: readonly CheckSource<Region, Entry>[];
  readonly objectives?: readonly ObjectiveSource<Region>[];
  readonly drills?: readonly DrillSource<Region, Entry>[];
  readonly allow?: AllowanceSource;
  /** What mends in a cluster when a runner dies. By default `blackstart:<version>`. */
  readonly restorer?: { readonly image: string };
  /** Of regions that have one: what faults elsewhere than in a cluster are done with. */
  readonly switchboards?: SwitchboardsSource<Region>;
  readonly metrics?: { readonly prefix: string };
  readonly overrides?: Texts;
} & ExchangeSource<Region> &
  AlertmanagersSource &
  NotifySource &
  ImportsSource;

/** For `export const scenario = defineScenario({ … })`: the compiler checks the keys, and regions and entries by name. */
export function defineScenario<const Region extends string, const Entry extends string>(
  source: ScenarioSource<Region, Entry>,
): ScenarioSource<Region, Entry> {
  return source;
}

export { parseScenario } from './parse/scenario.ts';
