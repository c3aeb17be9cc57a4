import type { ResultStream } from '../aggregator-client.ts';
import type { Evidence } from '../evidence.ts';
import type { Fault } from '../fault.ts';
import { type AnyUndo, faultOf as make } from '../faults.ts';
import type { Journal } from '../journal.ts';
import { fenced } from './fenced.ts';
import type { HeldLease } from './lease.ts';
import { faultDeps, type Prepared } from './prepare.ts';
import type { Readings } from './readings.ts';
import type { Recorder } from './recorder.ts';
import type { Renewal } from './renewal.ts';
import type { DrillOptions, RunnerDeps } from './types.ts';
import type { Watcher } from './watcher.ts';

/** A drill under way: what its phases share. */
export type Run = {
  readonly options: DrillOptions;
  readonly deps: RunnerDeps;
  readonly prepared: Prepared;
  readonly recorder: Recorder;
  readonly journal: Journal;
  readonly evidence: Evidence;
  readonly readings: Readings;
  readonly watcher: Watcher;
  readonly stream: ResultStream;
  /** Ready endpoints before anything was touched. */
  readonly readyBefore: number;
  /** `null` until the drill has one. */
  lease: HeldLease | null;
  /** Of a fault that would end by itself; `null` while there is none to renew. */
  renewal: Renewal | null;
  /** The exit code for a drill that ends untouched. */
  untouchedExit: 3 | 4;
};

/** Never aborts: what mends must not be stopped by what stopped the drill. */
export function fresh(): AbortSignal {
  return new AbortController().signal;
}

/** The drill's fault, which cannot write once the Lease is another's. */
export function faultOf(run: Pick<Run, 'options' | 'deps' | 'prepared' | 'lease'>): Fault<AnyUndo> {
  const { options, deps, prepared, lease } = run;
  const { id, region, clusters } = prepared;
  const own = clusters[region] ?? null;
  const cluster = own === null || lease === null ? own : fenced(own, lease);
  const ensure = async (signal: AbortSignal): Promise<void> => lease?.ensure(signal);
  return make(options.drill.fault, faultDeps({ id, options, cluster, ensure }, deps));
}

/** Results take a moment from the agents to here. */
export function slackMs(run: Run): number {
  return 2_000 + 10 * run.options.drill.burst.everyMs;
}

/** How often a drill asks itself what has been shown: going through all results takes a while. */
export function tickMs(run: Run): number {
  return Math.min(1_000, Math.max(250, 2 * run.options.drill.burst.everyMs));
}
