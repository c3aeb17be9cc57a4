import type { Cancel } from '../contract/clock.ts';

/** A simulated pod. It counts as an endpoint while `ready`; a terminating one serves what is under way and no more. */
export type Pod = {
  readonly name: string;
  readonly address: string;
  readonly state: 'starting' | 'ready' | 'terminating';
};

/** The pods of one workload, as its cluster has them. */
export type PodSource = { pods(): readonly Pod[]; onChange(listener: () => void): Cancel };
