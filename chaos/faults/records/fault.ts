import type { Clock } from '../../../contract/clock.ts';
import type { Zone } from '../../../zone/records.ts';
import { applyChanges } from '../../../zone/validate.ts';
import type { Account } from '../../account.ts';
import type { Fault } from '../../fault.ts';
import { Trouble } from '../../trouble.ts';
import { type AccountUndo, moveSchedule, removeSchedule, untilNothingArrivesMs } from '../account/schedule.ts';
import { manualFailover } from './choose.ts';
import { arm, inject } from './inject.ts';
import { remains, restore } from './restore.ts';
import { longestMarker, marked, markerIn, markerOf, mending, type RecordsUndo, scheduleOf, taking } from './undo.ts';
import { requireAsPlanned, type Written } from './write.ts';

/** Which zone, and as whom. */
export type RecordsPlace = {
  readonly drill: string;
  readonly region: string;
  /** Id of the hosted zone. */
  readonly zone: string;
  readonly role: string | null;
  readonly undo: AccountUndo;
};

export type RecordsTarget = RecordsPlace & {
  /** Entry names. */
  readonly names: readonly string[];
  /** Hosts of the endpoints of the region taken out, and of the one that takes over. */
  readonly from: string;
  readonly to: string;
};

/**
 * A failover by hand: one batch deletes the exact old records, creates the new ones, and moves a marker on that says how
 * to undo it. It is compare-and-set and journal at once, and so is the way back.
 */
export function recordsFault(target: RecordsTarget, account: Account, clock: Clock): Fault<RecordsUndo> {
  return {
    ...recordsAgain(target, account, clock),
    async plan(signal) {
      const { drill, region, zone, role, undo } = target;
      const at = await (await account.zone(zone, role)).records(signal);
      const changes = manualFailover({ ...target, records: at.records });
      const odd = changes.find(({ before }) => at.strange.includes(`${before.name} ${before.type}`));
      if (odd !== undefined) {
        const { name, type } = odd.before;
        throw new Trouble('wrong-input', `${name} ${type} says more than can be put back as it was`);
      }
      const planned = { fault: 'records', drill, region, zone, zoneName: at.zone, role, undo, changes } as const;
      if (JSON.stringify(markerOf(planned, 'injected').target).length > longestMarker) {
        throw new Trouble('wrong-input', `${changes.length} records are to be changed: too many for one batch`);
      }
      return planned;
    },
  };
}

/** The fault of a record that was kept: all but planning. */
export function recordsAgain(place: RecordsPlace, account: Account, clock: Clock): Fault<RecordsUndo> {
  const { drill, region, role, undo } = place;
  const open = async (): Promise<Written> => {
    const zone = await account.zone(place.zone, role);
    return { zone, schedules: await account.schedules({ region: undo.region, role }), clock };
  };
  return {
    name: `records ${region}`,
    blastRadius: [region],
    plan: () => Promise.reject(new Trouble('wrong-input', `drill ${drill} was planned already`)),
    rehearse: async (planned, signal) => rehearse(await open(), planned, signal),
    arm: async (planned, signal) => arm(await open(), planned, signal),
    inject: async (planned, signal) => inject(await open(), planned, signal),
    restore: async (planned, signal) => restore(await open(), planned, signal),
    remains: async (planned, signal) => remains(await open(), planned, signal),
    disarm: async (planned, signal) => disarm(await open(), planned, signal),
    async renew(planned, signal) {
      const action = { kind: 'change-records', zone: planned.zone, changes: mending(planned) } as const;
      const { schedules } = await open();
      return renewed(() =>
        moveSchedule(schedules, scheduleOf(planned), { action, inMs: untilNothingArrivesMs }, clock, signal),
      );
    },
  };
}

/** Why the account has mended by itself; `null` while its schedule waits. */
export async function renewed(move: () => Promise<void>): Promise<string | null> {
  try {
    await move();
    return null;
  } catch (error) {
    if (error instanceof Trouble && error.kind === 'taken') return error.message;
    throw error;
  }
}

/** Route 53 has no dry run; our model of it has. */
async function rehearse({ zone }: Written, planned: RecordsUndo, signal: AbortSignal): Promise<void> {
  const { zone: name, records } = await zone.records(signal);
  requireAsPlanned(records, planned);
  const at = { id: planned.zone, name, nameservers: [], records };
  const batches = [[...marked(planned, null, 'injected'), ...taking(planned.changes)], mending(planned)];
  batches.reduce<Zone>((before, batch) => {
    const after = applyChanges(before, batch);
    if (!after.ok) throw new Trouble('rejected', `the zone would refuse it: ${after.messages.join('; ')}`);
    return after.zone;
  }, at);
}

async function disarm({ zone, schedules }: Written, planned: RecordsUndo, signal: AbortSignal): Promise<void> {
  const { records } = await zone.records(signal);
  const marker = markerIn(records, planned.zoneName);
  if (marker?.undo.drill === planned.drill && marker.state !== 'injected') {
    await zone.change(marked(planned, marker.state, null), `drill ${planned.drill}: over`, signal);
  }
  await removeSchedule(schedules, scheduleOf(planned), signal);
}
