import type { HostPort } from '../contract/address.ts';
import type { Assignment } from '../contract/check.ts';
import type { Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { MetricsSource, Objective } from '../contract/objective.ts';
import type { Random } from '../contract/random.ts';
import type { Secret } from '../contract/secret.ts';
import type { AlertmanagerOptions } from './alerts/options.ts';
import type { FederateOptions } from './federation/server-options.ts';
import type { MetricsPush } from './otlp/push.ts';
import type { PromqlOptions } from './promql/client.ts';
import type { RemoteWriteOptions } from './remote-write/options.ts';
import type { TlsOptions } from './tls.ts';

export type AggregatorOptions = {
  readonly listen: HostPort;
  readonly stateDir: string;
  /** Agents, runners and everybody else who writes. */
  readonly writeToken: Secret;
  /** Who reads from beyond loopback; `null`: they need the write token. */
  readonly readToken: Secret | null;
  /** Absent: it listens without TLS. */
  readonly tls?: TlsOptions;
  /** Its name, for people. */
  readonly scenario: string;
  readonly assignment: Assignment;
  readonly objectives: readonly Objective[];
  readonly sources: readonly MetricsSource[];
  /** Of the alias metrics. */
  readonly prefix: string;
  readonly regions: readonly string[];
  /** PEM text: who signed the certificates of `sources`, in addition to the system's. */
  readonly ca: string | null;
  /** What `POST /-/reload` reads; without it there is nothing to read again. */
  readonly reloadFrom?: () => Promise<Plan>;
  /** Servers whose metrics are passed on. */
  readonly federate?: readonly FederateOptions[];
  /** Receivers of our metrics. */
  readonly remoteWrite?: readonly RemoteWriteOptions[];
  /** Who is given a cut now and then, and sends it on by itself. */
  readonly push?: MetricsPush | undefined;
  /** Who is told of alerts. */
  readonly alertmanagers?: readonly AlertmanagerOptions[];
  /** What people reach us by, in alerts; where it listens unless given. */
  readonly externalUrl?: string | null;
  /** What it is called among several: the label `aggregator` of all that it writes to receivers. */
  readonly name?: string | null;
  /** Where all of them write to: asked for what spans them. */
  readonly promql?: PromqlOptions | null;
  /** The raw log's bound; results made during drills are kept beyond it. */
  readonly maxLogBytes?: number;
};

/** What is measured and what it is measured against: what a reload replaces. */
export type Plan = { readonly assignment: Assignment; readonly objectives: readonly Objective[] };

export type AggregatorDeps = { readonly clock: Clock; readonly random: Random; readonly log: Log };

export type RunningAggregator = {
  readonly url: string;
  reload(assignment: Assignment, objectives: readonly Objective[]): void;
  stop(): Promise<void>;
};
