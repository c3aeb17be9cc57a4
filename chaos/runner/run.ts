import type { ResultStream } from '../aggregator-client.ts';
import type { Cluster } from '../cluster.ts';
import type { Evidence } from '../evidence.ts';
import type { Fault } from '../fault.ts';
import { type ScaleUndo, scaleToZero } from '../faults/scale-to-zero.ts';
import type { Journal } from '../journal.ts';
import { fenced } from './fenced.ts';
import type { HeldLease } from './lease.ts';
import type { Prepared } from './prepare.ts';
import type { Readings } from './readings.ts';
import type { Recorder } from './recorder.ts';
import type { DrillOptions, RunnerDeps } from './types.ts';

/** A drill under way: what its phases share. */
export type Run = {
  readonly options: DrillOptions;
  readonly deps: RunnerDeps;
  readonly prepared: Prepared;
  readonly recorder: Recorder;
  readonly journal: Journal;
  readonly evidence: Evidence;
  readonly readings: Readings;
  readonly stream: ResultStream;
  /** Ready endpoints before anything was touched. */
  readonly readyBefore: number;
  /** `null` until the drill has one. */
  lease: HeldLease | null;
  /** The exit code for a drill that ends untouched. */
  untouchedExit: 3 | 4;
};

/** Never aborts: what mends must not be stopped by what stopped the drill. */
export function fresh(): AbortSignal {
  return new AbortController().signal;
}

/** The drill's fault, which cannot write once the Lease is another's. */
export function faultOf(run: Run): Fault<ScaleUndo> {
  const { id: drill, region, plan } = run.prepared;
  return scaleToZero({ drill, region, plan }, writableCluster(run), run.deps.clock);
}

function writableCluster({ lease, prepared }: Run): Cluster {
  return lease === null ? prepared.cluster : fenced(prepared.cluster, lease);
}

/** Results take a moment from the agents to here. */
export function slackMs(run: Run): number {
  return 2_000 + 10 * run.options.drill.burst.everyMs;
}

/** How often a drill asks itself what has been shown: going through all results takes a while. */
export function tickMs(run: Run): number {
  return Math.min(1_000, Math.max(250, 2 * run.options.drill.burst.everyMs));
}

/** How long the fleet may be out of reach before a drill is stopped: nobody would see what it does. */
const fleetSilenceMs = 10_000;

/** Why the drill has to stop, the gravest first; `null` while it may go on. */
export function stopReason(run: Run): string | null {
  const { lease, deps, options, stream, readings, recorder } = run;
  if (deps.interrupt.aborted) return 'interrupted';
  if (lease !== null) {
    const { leaseMs } = options.drill;
    if (lease.lost.aborted) return sentenceOfReason(lease.lost);
    const asked = lease.stopRequested();
    if (asked !== null) return `stopped from outside: ${asked}`;
    if (lease.silentForMs() > leaseMs) {
      return `contact with the cluster is lost: the Lease could not be renewed for ${seconds(lease.silentForMs())}`;
    }
  }
  const byHand = readings.markedByHand();
  if (byHand !== null) return byHand;
  const limitMs = Math.max(fleetSilenceMs, options.drill.leaseMs);
  if (stream.silentForMs() > limitMs) {
    return `contact with the aggregator is lost: nothing heard for ${seconds(stream.silentForMs())}`;
  }
  return recorder.journalTrouble();
}

function sentenceOfReason({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : 'the Lease is held by somebody else';
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
