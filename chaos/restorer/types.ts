import type { Clock } from '../../contract/clock.ts';
import type { Cluster } from '../cluster.ts';
import type { RestorerNotices } from '../notify/restorer.ts';

/** What a restorer works with. */
export type RestorerDeps = {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** One name for each process. */
  readonly instance: string;
  /** SIGTERM. It ends the watching; a mending that has begun is brought to its end. */
  readonly signal: AbortSignal;
  readonly message: (text: string) => void;
  /** Told of what somebody may want to know; absent: nobody does. */
  readonly notices?: Pick<RestorerNotices, 'mending' | 'leftToOthers'>;
};

/** How a restorer ended. */
export type RestorerEnd =
  /** There is nothing to mend, and nobody to wait for. */
  | { readonly kind: 'over'; readonly because: string }
  /** `changed`: replicas had to be put back. */
  | { readonly kind: 'restored'; readonly changed: boolean; readonly notes: readonly string[] }
  | { readonly kind: 'not-restored'; readonly left: readonly string[] }
  /** The drill has no Lease, so what it would have to mend is not known. */
  | { readonly kind: 'unknown'; readonly because: string };
