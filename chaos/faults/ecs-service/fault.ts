import type { Clock } from '../../../contract/clock.ts';
import type { Account, AwsPlace, Services } from '../../account.ts';
import type { Fault } from '../../fault.ts';
import { Trouble } from '../../trouble.ts';
import { type AccountUndo, moveSchedule, removeSchedule, untilNothingArrivesMs } from '../account/schedule.ts';
import { renewed } from '../records/fault.ts';
import { arm, inject, read, requireAsPlanned, type Scaled } from './inject.ts';
import { remains, restore } from './restore.ts';
import { actionOf, type CountedService, type EcsUndo, scheduleOf, tagIn, tagKey } from './undo.ts';

/** Which services, and as whom. */
export type EcsPlace = {
  readonly drill: string;
  readonly region: string;
  readonly place: AwsPlace;
  readonly cluster: string;
  readonly undo: AccountUndo;
};

/** Sets the desired count of a region's services to 0, in their declared order, and back in reverse. */
export function ecsService(
  target: EcsPlace & { readonly services: readonly string[] },
  account: Account,
  clock: Clock,
): Fault<EcsUndo> {
  return {
    ...ecsAgain(target, account, clock),
    async plan(signal) {
      const { drill, region, place, cluster, undo } = target;
      const found = await account.services(place);
      const services: CountedService[] = [];
      for (const service of target.services) services.push(await plannedOf(found, { cluster, service }, signal));
      return { fault: 'ecs-service', drill, region, place, cluster, undo, services };
    },
  };
}

/** The fault of a record that was kept: all but planning. */
export function ecsAgain({ drill, region, place, undo }: EcsPlace, account: Account, clock: Clock): Fault<EcsUndo> {
  const open = async (): Promise<Scaled> => ({
    services: await account.services(place),
    schedules: await account.schedules({ region: undo.region, role: place.role }),
    clock,
  });
  return {
    name: `ecs-service ${region}`,
    blastRadius: [region],
    plan: () => Promise.reject(new Trouble('wrong-input', `drill ${drill} was planned already`)),
    async rehearse(planned, signal) {
      // ECS judges no change without making it: what is read is all there is to rehearse.
      const scaled = await open();
      for (const service of planned.services) {
        requireAsPlanned(await read(scaled, planned, service, signal), planned, service);
      }
    },
    arm: async (planned, signal) => arm(await open(), planned, signal),
    inject: async (planned, signal) => inject(await open(), planned, signal),
    restore: async (planned, signal) => restore(await open(), planned, signal),
    remains: async (planned, signal) => remains(await open(), planned, signal),
    disarm: async (planned, signal) => disarm(await open(), planned, signal),
    async renew(planned, signal) {
      const { schedules } = await open();
      for (const service of planned.services) {
        const to = { action: actionOf(planned, service), inMs: untilNothingArrivesMs } as const;
        const ended = await renewed(() => moveSchedule(schedules, scheduleOf(planned, service), to, clock, signal));
        if (ended !== null) return ended;
      }
      return null;
    },
  };
}

async function plannedOf(
  services: Services,
  ref: { readonly cluster: string; readonly service: string },
  signal: AbortSignal,
): Promise<CountedService> {
  const at = await services.service(ref, signal);
  const name = `service ${ref.cluster}/${ref.service}`;
  if (at === null) throw new Trouble('missing', `${name}: there is none`);
  if (at.strategy !== 'REPLICA') throw new Trouble('wrong-input', `${name} runs as ${at.strategy}: it has no count`);
  if (at.desiredCount === 0) throw new Trouble('taken', `${name} has a desired count of 0 already`);
  return { name: ref.service, arn: at.arn, original: at.desiredCount, deployment: at.deployment };
}

/** The schedule last; and where an injection was never answered, later: it sets the count once more, and is gone then. */
async function disarm({ services, schedules, clock }: Scaled, undo: EcsUndo, signal: AbortSignal): Promise<void> {
  for (const service of undo.services.toReversed()) {
    const at = await services.service({ cluster: undo.cluster, service: service.name }, signal);
    const tag = at === null ? null : tagIn(at.tags);
    const isOurs = tag?.drill === undo.drill;
    const planned = scheduleOf(undo, service);
    const isLate = isOurs && (tag.state === 'restored-late' || tag.state === 'injecting');
    if (isLate) {
      const to = { action: actionOf(undo, service), inMs: untilNothingArrivesMs } as const;
      await moveSchedule(schedules, planned, to, clock, signal).catch(() => undefined);
    }
    if (at !== null && isOurs) await services.tag(at.arn, { key: tagKey, value: null }, signal);
    if (!isLate) await removeSchedule(schedules, planned, signal);
  }
}
