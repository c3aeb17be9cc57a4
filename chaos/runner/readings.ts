import { every } from '../../contract/clock.ts';
import type { Workload } from '../../scenarios/scenario.ts';
import type { Cluster } from '../cluster.ts';
import type { ScaleUndo } from '../faults/scale-to-zero.ts';
import type { Prepared } from './prepare.ts';
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
  /** What somebody wrote on the drill's annotation by hand; `null` while it says what the drill wrote. */
  markedByHand(): string | null;
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
  const cluster = endpointReader(prepared.cluster, prepared.undo, recorder, deps);
  const ignore = (): void => undefined;
  const cancels = [
    every(clock, Math.max(fastestEndpointsMs, burstEveryMs), () => cluster.look(signal.signal), ignore),
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
    markedByHand: cluster.markedByHand,
    stop() {
      signal.abort(new Error('the drill is over'));
      for (const cancel of cancels) cancel();
    },
  };
}

function endpointReader(cluster: Cluster, undo: ScaleUndo, recorder: Recorder, { clock }: RunnerDeps) {
  const workloads: readonly Workload[] = undo.workloads;
  let looks = 0;
  let replicas = undo.workloads.reduce((sum, { original }) => sum + original, 0);
  let last: { readonly sentMs: number; readonly ready: number } | null = null;
  let byHand: string | null = null;

  async function readWorkloads(signal: AbortSignal): Promise<void> {
    const states = await Promise.all(workloads.map((workload) => cluster.workload(workload, signal)));
    replicas = states.reduce((sum, state) => sum + state.replicas, 0);
    const { phase } = recorder.drill();
    if (phase !== 'failing-over' && phase !== 'holding') return;
    for (const { workload, mark } of states) {
      if (mark?.drill === undo.drill && (mark.state === 'armed' || mark.state === 'injected')) continue;
      byHand ??= `the annotation of ${workload.name} was ${mark === null ? 'removed' : `set to ${mark.state}`} by somebody else`;
    }
  }

  return {
    readySince: (sinceMs: number) => (last !== null && last.sentMs >= sinceMs ? last.ready : null),
    markedByHand: () => byHand,
    async look(signal: AbortSignal): Promise<void> {
      const sentMs = clock.nowMs();
      const counts = await Promise.all(workloads.map((workload) => cluster.readyEndpoints(workload, signal)));
      const ready = counts.reduce((sum, count) => sum + count, 0);
      last = { sentMs, ready };
      recorder.endpoints({ sentMs, receivedMs: clock.nowMs(), ready, replicas });
      looks += 1;
      if (looks % looksPerRead === 0) await readWorkloads(signal);
    },
  };
}
