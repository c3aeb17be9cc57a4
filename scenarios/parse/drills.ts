import { mayStay } from '../faults.ts';
import { type DrillPlan, type EntryExpectation, type StopPlan, suspendables } from '../scenario.ts';
import { fault } from './faults.ts';
import type { Names } from './names.ts';
import { list, object, optional, type Read, required } from './reader.ts';
import { cron, durationMs, name, number, oneOf } from './values.ts';

/** Burns a month's budget in two days: the fastest that alerts on error budgets usually page for. */
const defaultStop: StopPlan = { burn: 14.4, overMs: 60_000, objectives: null };

/** Unless a drill says otherwise. */
const defaults = { everyMs: 250, forMs: 600_000, leaseMs: 30_000, holdMs: 30_000 };

export function drillPlans(names: Names): Read<readonly DrillPlan[]> {
  const read = object({
    name: required(name),
    fault: required(fault(names)),
    suspend: optional(list(oneOf(suspendables)), []),
    expect: required(list(expectation(names), 1)),
    burst: optional(
      object({
        every: optional(durationMs(100, 500), defaults.everyMs),
        for: optional(durationMs(1_000), defaults.forMs),
      }),
      { every: defaults.everyMs, for: defaults.forMs },
    ),
    lease: optional(durationMs(2_000), defaults.leaseMs),
    hold: optional(durationMs(), defaults.holdMs),
    schedule: optional(cron, null),
    deadline: optional(durationMs(1_000), null),
    stop: optional(stop(names), defaultStop),
  });
  return list((value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { name: named, fault: broken, suspend, expect, burst, schedule, stop: stops } = found;
    for (const [index, { servedBy }] of expect.entries()) {
      const place = at.in('expect').in(index).in('servedBy');
      if (servedBy.includes(broken.region) && !mayStay(broken)) {
        place.note(JSON.stringify(broken.region), 'regions other than the one that the fault takes away');
      }
    }
    for (const [index, { entry }] of expect.entries()) {
      if (expect.findIndex((other) => other.entry === entry) < index) {
        at.in('expect')
          .in(index)
          .in('entry')
          .note(`${JSON.stringify(entry)} a second time`, 'one expectation for each entry name');
      }
    }
    const times = { leaseMs: found.lease, holdMs: found.hold, deadlineMs: found.deadline };
    return {
      name: named,
      fault: broken,
      suspend,
      expect,
      burst: { everyMs: burst.every, forMs: burst.for },
      ...times,
      schedule,
      stop: stops,
    };
  });
}

/** What a drill doesn't say is as by default. */
function stop(names: Names): Read<StopPlan> {
  const read = object({
    burn: optional(number(1, 1_000, 'a burn rate'), defaultStop.burn),
    over: optional(durationMs(10_000), defaultStop.overMs),
    objectives: optional(list(oneOf(names.availabilities, 'an availability objective: none is defined')), null),
  });
  return (value, at) => {
    const found = read(value, at);
    return found === undefined ? undefined : { burn: found.burn, overMs: found.over, objectives: found.objectives };
  };
}

/** Failback may take as long as failover unless it says otherwise. */
function expectation(names: Names): Read<EntryExpectation> {
  const read = object({
    entry: required(oneOf(names.entries)),
    servedBy: required(list(oneOf(names.regions))),
    within: required(durationMs()),
    failback: optional(durationMs(), null),
    residency: optional(oneOf(['holds']), null),
  });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { entry, servedBy, within, failback, residency } = found;
    return { entry, servedBy, withinMs: within, failbackMs: failback ?? within, residency };
  };
}
