/** Numbered writes of a drill: what a scenario says of how they are made, read and erased. */
import type { SecretReference } from '../contract/secret.ts';

/**
 * One kind of request. Texts may have `{id}`, `{seq}`, `{region}`, `{drill}` and `{country}` in them, which are filled in
 * for each request; all of these are letters, digits, dots, dashes and underscores.
 */
export type CanaryRequest = {
  readonly method: string;
  /** Put behind the endpoint of a region, or the URL of an entry name; a whole URL goes where it says. */
  readonly to: { readonly path: string } | { readonly url: string };
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Sent as a bearer token. */
  readonly token: SecretReference | null;
};

export type CanaryPlan = {
  readonly write: CanaryRequest & {
    /** Status codes that acknowledge a write; `null`: any of 2xx. */
    readonly acknowledged: readonly number[] | null;
  };
  /** What gives a region's store: `items` are found in the document, `id` in each of them. */
  readonly read: CanaryRequest & { readonly items: string; readonly id: string };
  /** Of one record, or of all of a drill, in one region. */
  readonly erase: CanaryRequest;
  /**
   * `each`: every region takes writes of its own, and numbers are apart. `one`: at most one region takes writes at a time,
   * so each number is offered to all of them under one id, and two that acknowledge it are a split brain.
   */
  readonly writers: 'each' | 'one';
  /** Regions that are written to; `null`: all that may serve and store the user's country. */
  readonly regions: readonly string[] | null;
  /** Entry names that are written through, by key; `null`: those that the drill expects something of, where rules let them. */
  readonly entries: readonly string[] | null;
  /** Whose record each canary is; `null` where requests do not say. */
  readonly userCountry: string | null;
  /** Who answers for entry names: the system's resolver, the zone's name servers, or `address:port`. */
  readonly resolver: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** The longest span of acknowledged writes that may be lost. */
  readonly rpoMs: number;
  /** How long replication is given after failback, before a record that is nowhere is called lost. */
  readonly settleMs: number;
};

type RequestSource = {
  /** Put behind a region's endpoint, or an entry name's URL. This or `url`. */
  readonly path?: string;
  /** A whole URL with `{region}` in it, for a store that is asked another way. */
  readonly url?: string;
  /** POST writes, GET reads and DELETE erases by default. */
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** Sent as a bearer token. */
  readonly token?: SecretReference;
};

/** As users write it. */
export type CanariesSource<Region extends string = string, Entry extends string = string> = {
  /** `{id}`, `{seq}`, `{region}`, `{drill}` and `{country}` are filled in. Acknowledged by any 2xx unless said otherwise. */
  readonly write: { readonly http: RequestSource; readonly acknowledged?: number | readonly number[] };
  /** `items` and `id` are JSON paths: the records in the document, and the id in each. `id` is `$.id` by default. */
  readonly read: { readonly http: RequestSource; readonly items: string; readonly id?: string };
  /** With `{id}` one request a record, with `{drill}` one for all of a drill. */
  readonly erase: { readonly http: RequestSource };
  /** `each` by default: every region takes writes of its own. `one`: at most one region takes writes at a time. */
  readonly writers?: 'each' | 'one';
  readonly regions?: readonly Region[];
  readonly entries?: readonly Entry[];
  readonly userCountry?: string;
  /** `system` by default, `authorities`, or `address:port`. */
  readonly resolver?: string;
  /** 250ms by default, at least 50ms. */
  readonly every?: string;
  /** 2s by default. */
  readonly timeout?: string;
  /** The longest span of acknowledged writes that may be lost: at least twice `every`. */
  readonly rpo: string;
  /** How long replication is given after failback. 10s by default. */
  readonly settle?: string;
};
