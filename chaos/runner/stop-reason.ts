import { deadlineMsOf } from '../guard/deadline.ts';
import { judgeResidency } from '../judge/residency.ts';
import { describeStop, type LeaseFacts, type StopFacts, stopOf } from '../stop-conditions.ts';
import type { HeldLease } from './lease.ts';
import type { Run } from './run.ts';

/** How long the fleet may be out of reach before a drill is stopped: nobody would see what it does. */
const fleetSilenceMs = 10_000;

/** Why the drill has to stop, the gravest first; `null` while it may go on. */
export function stopReason(run: Run): string | null {
  const stop = stopOf(factsOf(run));
  return stop === null ? null : describeStop(stop);
}

function factsOf(run: Run): StopFacts {
  const { deps, options, stream, readings, recorder, watcher, prepared } = run;
  const { drill } = options;
  const { clock, interrupt } = deps;
  const { t0 } = recorder.facts();
  return {
    phase: recorder.drill().phase,
    region: prepared.region,
    interrupted: interrupt.aborted,
    lease: run.lease === null ? null : leaseFacts(run.lease, drill.leaseMs),
    byHand: readings.markedByHand(),
    leak: leakIn(run),
    replicas: readings.replicasChanged(),
    ended: run.renewal?.ended() ?? null,
    regions: t0 === null ? [] : watcher.regions(),
    own: watcher.own(),
    burns: watcher.burns(),
    fleetSilentForMs: stream.silentForMs(),
    fleetLimitMs: Math.max(fleetSilenceMs, drill.leaseMs),
    sinceInjectionMs: t0 === null ? null : clock.nowMs() - t0.lowerMs,
    deadlineMs: deadlineMsOf(drill),
    journal: recorder.journalTrouble(),
  };
}

function leaseFacts(lease: HeldLease, durationMs: number): LeaseFacts {
  const { reason } = lease.lost;
  const taken = reason instanceof Error ? reason.message : 'the Lease is held by somebody else';
  return {
    lost: lease.lost.aborted ? taken : null,
    asked: lease.stopRequested(),
    durationMs,
    silentForMs: lease.silentForMs(),
    restorerSilentForMs: lease.restorerSilentForMs(),
  };
}

/** Only a drill that is to keep residency is stopped by a leak. */
function leakIn({ recorder }: Run): string | null {
  const facts = recorder.facts();
  if (facts.t0 === null || !facts.expect.some(({ residency }) => residency === 'holds')) return null;
  const { status, because } = judgeResidency(facts, null);
  return status === 'fail' ? because : null;
}
