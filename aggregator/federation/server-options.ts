/** A server whose metrics are read and passed on: a Prometheus, or an aggregator of ours. */
export type FederateOptions = {
  readonly name: string;
  /** Of `/federate`, which is asked for what `match` selects, or of `/metrics`. */
  readonly url: string;
  /** Given to the series that have none. */
  readonly region: string | null;
  /** Whether its labels win over ours; if not, its own are kept as `exported_…`. */
  readonly honorLabels: boolean;
  /** Selectors; what none of them selects is left out. */
  readonly match: readonly string[];
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Samples that are older are not passed on. */
  readonly stalenessMs: number;
  /** Asked before every request, so that a token may be replaced; `null`: none is sent. */
  readonly token: (() => string) | null;
  /** Of a page, uncompressed; 64 MiB unless given. */
  readonly maxBytes?: number;
};
