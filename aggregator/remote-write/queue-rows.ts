/** What the queue of remote write keeps on disk. */
import type { StoredSeries } from './ledger.ts';

/** One request, ready to be sent as it is: sent again it is the same bytes. */
export type QueuedRequest = {
  readonly version: 1 | 2;
  readonly shard: number;
  readonly stepMs: number;
  readonly samples: number;
  readonly histograms: number;
  /** Compressed. */
  readonly body: Uint8Array;
};
export type Waiting = QueuedRequest & { readonly id: number };

/** All of one step, put down at once or not at all. */
export type StepRows = {
  readonly destination: string;
  readonly stepMs: number;
  readonly requests: readonly QueuedRequest[];
  readonly began: readonly StoredSeries[];
  readonly ended: readonly string[];
};

export type Backlog = { readonly samples: number; readonly bytes: number };

export type LoadedQueue = {
  readonly lastStepMs: number;
  readonly live: readonly StoredSeries[];
  readonly backlog: Backlog;
};

export type QueueFile = {
  /** What is there of a destination. */
  open(destination: string): LoadedQueue;
  /** Forgets destinations that are not among these; how many samples of them were still waiting. */
  keepOnly(destinations: readonly string[]): number;
  /** Beyond `maxBytes` the oldest requests go: how many samples were in them. */
  put(step: StepRows, maxBytes: number): { readonly dropped: number; readonly backlog: Backlog };
  /** The oldest request of a shard. */
  next(destination: string, shard: number): Waiting | null;
  /** The request needs not be sent any more. */
  done(destination: string, id: number): Backlog;
};
