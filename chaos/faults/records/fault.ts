import type { Clock } from '../../../contract/clock.ts';
import type { Zone } from '../../../zone/records.ts';
import { applyChanges } from '../../../zone/validate.ts';
import type { Schedules, ZoneWriter } from '../../account.ts';
import type { Fault } from '../../fault.ts';
import { Trouble } from '../../trouble.ts';
import { type AccountUndo, aheadMs, isThere, moveSchedule, removeSchedule } from '../account/schedule.ts';
import { manualFailover } from './choose.ts';
import { arm, inject } from './inject.ts';
import { remains, restore } from './restore.ts';
import { longestMarker, marked, markerIn, markerOf, mending, type RecordsUndo, scheduleOf, taking } from './undo.ts';
import { requireAsPlanned, type Written } from './write.ts';

export type RecordsTarget = {
  readonly drill: string;
  readonly region: string;
  /** Id of the hosted zone. */
  readonly zone: string;
  readonly role: string | null;
  readonly undo: AccountUndo;
  /** Entry names. */
  readonly names: readonly string[];
  /** Hosts of the endpoints of the region taken out, and of the one that takes over. */
  readonly from: string;
  readonly to: string;
};

/** A fault whose undo is a schedule in the account: as long as the drill goes on, it has to be moved on. */
export type AccountFault<Undo extends RecordsUndo | import('../ecs-service/undo.ts').EcsUndo> = Fault<Undo> & {
  /** Rejects with `taken` once the schedule is gone: it has acted, or somebody has removed it. */
  renew(undo: Undo, signal: AbortSignal): Promise<void>;
};

/**
 * A failover by hand: one batch deletes the exact old records, creates the new ones, and moves a marker on that says how
 * to undo it. It is compare-and-set and journal at once, and so is the way back.
 */
export function recordsFault(
  target: RecordsTarget,
  { zone, schedules }: { readonly zone: ZoneWriter; readonly schedules: Schedules },
  clock: Clock,
): AccountFault<RecordsUndo> {
  const { drill, region, role, undo } = target;
  const written: Written = { zone, schedules, clock, spelling: 'sdk', submitted: null };
  return {
    name: `records ${region}`,
    blastRadius: [region],
    async plan(signal) {
      const { zone: zoneName, records, strange } = await zone.records(signal);
      const changes = manualFailover({ ...target, records });
      const odd = changes.find(({ before }) => strange.includes(`${before.name} ${before.type}`));
      if (odd !== undefined) {
        const { name, type } = odd.before;
        throw new Trouble('wrong-input', `${name} ${type} says more than can be put back as it was`);
      }
      const planned = { fault: 'records', drill, region, zone: target.zone, zoneName, role, undo, changes } as const;
      const length = JSON.stringify(markerOf(planned, 'injected').target).length;
      if (length > longestMarker) {
        throw new Trouble('wrong-input', `${changes.length} records are to be changed: too many for one batch`);
      }
      return planned;
    },
    async rehearse(planned, signal) {
      const { zone: name, records } = await zone.records(signal);
      requireAsPlanned(records, planned);
      // Route 53 has no dry run; our model of it has.
      const at = { id: planned.zone, name, nameservers: [], records };
      const batches = [[...marked(planned, null, 'injected'), ...taking(planned.changes)], mending(planned)];
      batches.reduce<Zone>((before, batch) => {
        const after = applyChanges(before, batch);
        if (!after.ok) throw new Trouble('rejected', `the zone would refuse it: ${after.messages.join('; ')}`);
        return after.zone;
      }, at);
    },
    arm: (planned, signal) => arm(written, planned, signal),
    inject: (planned, signal) => inject(written, planned, signal),
    restore: (planned, signal) => restore(written, planned, signal),
    remains: (planned, signal) => remains(written, planned, signal),
    async renew(planned, signal) {
      const action = { kind: 'change-records', zone: planned.zone, changes: mending(planned) } as const;
      const { spelling } = written;
      await moveSchedule(schedules, scheduleOf(planned), { action, spelling, inMs: aheadMs }, clock, signal);
    },
    async disarm(planned, signal) {
      const { records } = await zone.records(signal);
      const marker = markerIn(records, planned.zoneName);
      if (marker?.undo.drill === planned.drill && marker.state !== 'injected') {
        await zone.change(marked(planned, marker.state, null), `drill ${drill}: over`, signal);
      }
      if (await isThere(schedules, scheduleOf(planned), signal)) {
        await removeSchedule(schedules, scheduleOf(planned), signal);
      }
    },
  };
}
