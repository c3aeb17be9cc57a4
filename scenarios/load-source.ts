/** The load of a drill, as users write it. */
import type { DurationText } from './define.ts';
import type { ownScripts } from './load-plan.ts';

export type LoadSource<Entry extends string> = {
  /** One of ours, or a path seen from the scenario's folder. */
  readonly script: (typeof ownScripts)[number] | (string & {});
  /** Whom it asks; by default the entry of the drill's first expectation. */
  readonly entry?: Entry;
  /** `/` by default. */
  readonly path?: `/${string}`;
  /** 10 by default. */
  readonly users?: number;
  /** Requests in a second; by default one of each user. */
  readonly rate?: number | `${number}/${'s' | 'm'}`;
  /** By default for as long as the drill may take. */
  readonly for?: DurationText;
  readonly env?: Readonly<Record<string, string>>;
  /** Metric to expressions, as k6 has them. */
  readonly thresholds?: Readonly<Record<string, string | readonly string[]>>;
  /** `address:port`: needs the k6 that `npm run build:k6` builds. */
  readonly resolver?: string;
  /** Certificates to trust. */
  readonly ca?: string;
  readonly sourceAddress?: string;
};
