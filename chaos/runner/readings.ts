import { every } from '../../contract/clock.ts';
import type { Workload } from '../../scenarios/scenario.ts';
import { type EndpointsSeen, stopKey, type WorkloadState, workloadName } from '../cluster.ts';
import { loweredAfterwards } from '../faults/scale-to-zero.ts';
import { autoscalerEvents, undoneBy } from '../preflight/undone.ts';
import type { Prepared, Stake } from './prepare.ts';
import type { Recorder } from './recorder.ts';
import type { RunnerDeps } from './types.ts';
import { readCheckers } from './zone.ts';

const fastestEndpointsMs = 100;
const fastestCheckersMs = 250;
const slowestCheckersMs = 2_000;
const offsetEveryMs = 10_000;
const flushEveryMs = 1_000;
/** The workload itself is read once in so many looks at its endpoints. */
const looksPerRead = 5;

/** What the last looks at the cluster showed. */
export type Readings = {
  /** Ready endpoints at the last look, if that began at `sinceMs` or later; `null` without such a look. */
  readySince(sinceMs: number): number | null;
  /** How many replicas an autoscaler has taken away since they were put back. */
  lowered(): number;
  /** What somebody wrote on a workload by hand: on the drill's annotation, or to stop it. */
  markedByHand(): string | null;
  /** What somebody else made of replicas that the drill has taken away. */
  replicasChanged(): string | null;
  stop(): void;
};

/** Looks at endpoints, checkers and clocks all through the drill, each at its own pace. Failures are passed over: they leave a gap. */
export function startReadings(
  prepared: Prepared,
  recorder: Recorder,
  burstEveryMs: number,
  deps: RunnerDeps,
): Readings {
  const { clock } = deps;
  const signal = new AbortController();
  const everyMs = Math.max(fastestEndpointsMs, burstEveryMs);
  const ignore = (): void => undefined;
  const { stake } = prepared;
  const cluster = stake === null ? nothingAtStake : endpointReader(stake, prepared, recorder);
  if (stake !== null) {
    const watch = { everyMs, onSeen: cluster.seen, onFailure: ignore };
    stake.cluster.watchEndpoints(stake.undo.workloads, watch, signal.signal);
  }
  const cancels = [
    ...(stake === null
      ? []
      : [every(clock, looksPerRead * everyMs, () => cluster.readWorkloads(signal.signal), ignore)]),
    every(clock, offsetEveryMs, async () => recorder.offset(await deps.fleet.offset(signal.signal)), ignore),
    every(clock, flushEveryMs, () => recorder.flush(), ignore),
  ];
  const { zone: reader } = deps;
  const { healthCheck } = prepared;
  if (reader !== null && healthCheck !== null) {
    const quarterMs = (healthCheck.requestIntervalSeconds * 1_000) / 4;
    const paceMs = Math.min(slowestCheckersMs, Math.max(fastestCheckersMs, quarterMs));
    const look = async (): Promise<void> =>
      recorder.checkers(await readCheckers(reader, healthCheck, clock, signal.signal));
    cancels.push(every(clock, paceMs, look, ignore));
  }
  return {
    readySince: cluster.readySince,
    lowered: cluster.lowered,
    markedByHand: cluster.markedByHand,
    replicasChanged: cluster.replicasChanged,
    stop() {
      signal.abort(new Error('the drill is over'));
      for (const cancel of cancels) cancel();
    },
  };
}

type EndpointReader = Pick<Readings, 'readySince' | 'lowered' | 'markedByHand' | 'replicasChanged'> & {
  readWorkloads(signal: AbortSignal): Promise<void>;
  seen(seen: EndpointsSeen): void;
};

/** Of a fault that is not done to workloads. */
const nothingAtStake: EndpointReader = {
  readySince: () => 0,
  lowered: () => 0,
  markedByHand: () => null,
  replicasChanged: () => null,
  readWorkloads: async () => undefined,
  seen: () => undefined,
};

function endpointReader({ cluster, undo }: Stake, { guard }: Prepared, recorder: Recorder): EndpointReader {
  const workloads: readonly Workload[] = undo.workloads;
  let replicas = undo.workloads.reduce((sum, { original }) => sum + original, 0);
  let last: { readonly sentMs: number; readonly ready: number } | null = null;
  let byHand: string | null = null;
  let changed: string | null = null;
  let lowered = 0;

  async function readWorkloads(signal: AbortSignal): Promise<void> {
    const states = await Promise.all(workloads.map((workload) => cluster.workload(workload, signal)));
    replicas = states.reduce((sum, state) => sum + state.replicas, 0);
    lowered = states.reduce((sum, state) => sum + loweredAfterwards(state, undo), 0);
    const { phase } = recorder.drill();
    for (const { workload, stop } of states) {
      if (stop !== null) byHand ??= `the annotation ${stopKey} was set on ${workloadName(workload)}: ${stop}`;
    }
    if (phase !== 'failing-over' && phase !== 'holding') return;
    changed ??= await undone(states, signal);
    for (const { workload, mark } of states) {
      if (mark?.drill === undo.drill && (mark.state === 'armed' || mark.state === 'injected')) continue;
      byHand ??= `the annotation of ${workload.name} was ${mark === null ? 'removed' : `set to ${mark.state}`} by somebody else`;
    }
  }

  /** Somebody else scaled while the drill holds it at zero: by whom, and what they said of it. */
  async function undone(states: readonly WorkloadState[], signal: AbortSignal): Promise<string | null> {
    const { owners } = guard;
    const isUndone = states.some((state) => undoneBy(state, undo, owners, null) !== null);
    const events = isUndone ? await autoscalerEvents(cluster, owners, signal) : null;
    return states.flatMap((state) => undoneBy(state, undo, owners, events) ?? []).join('; ') || null;
  }

  return {
    readySince: (sinceMs: number) => (last !== null && last.sentMs >= sinceMs ? last.ready : null),
    lowered: () => lowered,
    markedByHand: () => byHand,
    replicasChanged: () => changed,
    readWorkloads,
    seen({ sentMs, receivedMs, ready }: EndpointsSeen): void {
      last = { sentMs, ready };
      recorder.endpoints({ sentMs, receivedMs, ready, replicas });
    },
  };
}
