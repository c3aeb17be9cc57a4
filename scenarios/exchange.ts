/** Where metrics come from and go to, as a scenario says it. */

import type { SecretReference } from '../contract/secret.ts';

/** A receiver of remote write. */
export type RemoteWritePlan = {
  readonly name: string;
  readonly url: string;
  readonly version: 1 | 2;
  readonly headers: Readonly<Record<string, string>>;
  readonly token: SecretReference | null;
  readonly everyMs: number;
  /** Names of metrics; empty: all. */
  readonly keep: readonly string[];
  readonly histograms: 'classic' | 'native';
};

/** A server whose metrics are read: a Prometheus, or an aggregator of ours. */
export type FederatePlan = {
  readonly name: string;
  readonly url: string;
  readonly region: string | null;
  readonly honorLabels: boolean;
  /** Selectors; what none of them selects is left out. */
  readonly match: readonly string[];
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly stalenessMs: number;
  readonly token: SecretReference | null;
};

type Reference = SecretReference;
/** As users write it. */
export type ExchangeSource<Region extends string> = {
  readonly remoteWrite?: readonly {
    /** Of its metrics, and of what waits for it; its host by default. */
    readonly name?: string;
    readonly url: string;
    /** Remote write 1.0 or 2.0; 1 by default. */
    readonly version?: 1 | 2;
    readonly headers?: { readonly [name: string]: string };
    readonly token?: Reference;
    /** 15s by default, at least 1s. */
    readonly every?: string;
    readonly keep?: readonly string[];
    /** `classic` by default: every receiver takes those. */
    readonly histograms?: 'classic' | 'native';
  }[];
  readonly federate?: readonly {
    readonly name: string;
    /** Of `/federate`, which is asked for what is to be kept, or of `/metrics`. */
    readonly url: string;
    /** Given to the series that have none. */
    readonly region?: NoInfer<Region> | (string & {});
    /** Whether labels of its own win over ours; if not, its own are kept as `exported_…`. `false` by default. */
    readonly honorLabels?: boolean;
    readonly match: readonly string[];
    /** 15s by default, at least 1s. */
    readonly every?: string;
    /** 10s by default. */
    readonly timeout?: string;
    /** Samples that are older are not passed on; 5m by default. */
    readonly staleness?: string;
    readonly token?: Reference;
  }[];
};
