/** What verdicts know of drills: when each took something away, and what its failovers came to. */
import type { DrillReport } from '../../contract/drill.ts';
import { type DrillTimes, drillSpans } from '../../contract/slo/spans.ts';
import { type Failover, failoversOf } from './failover.ts';

/** Of a whole report so little: there may be thousands in the longest window. */
export type CountedDrill = DrillTimes & { readonly id: string; readonly failovers: readonly Failover[] };

/** Those that have taken something away; of the others there is nothing to count. */
export function countedDrills(drills: readonly DrillReport[]): readonly CountedDrill[] {
  return drills.flatMap((drill) => {
    const { id, fault, t0, endedMs, aliveAtMs, leaseMs, silentFromMs, mendedMs } = drill;
    if (t0 === null) return [];
    const told = { aliveAtMs, leaseMs, silentFromMs, mendedMs };
    const known = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
    const bounds = { lowerMs: t0.lowerMs, upperMs: t0.upperMs };
    return [{ id, fault, t0: bounds, endedMs, ...known, failovers: failoversIn(drill) }];
  });
}

/** Reports come from outside, and timelines in them are not checked: one that lacks them must keep nobody from starting. */
function failoversIn(drill: DrillReport): readonly Failover[] {
  try {
    return failoversOf([drill]);
  } catch {
    return [];
  }
}

/** Whether anything of it lies after `ms`. One that was never said to end does so when it is no longer believed. */
export function reachesBeyond(drill: CountedDrill, ms: number): boolean {
  const endMs = drill.endedMs ?? drillSpans([drill], Number.POSITIVE_INFINITY)[0]?.toMs;
  return endMs !== undefined && endMs > ms;
}
