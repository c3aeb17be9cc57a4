import type { Clock } from '../../../contract/clock.ts';
import type { AwsPlace, Schedules, Services } from '../../account.ts';
import { Trouble } from '../../trouble.ts';
import { type AccountUndo, aheadMs, moveSchedule, removeSchedule, untilNothingArrivesMs } from '../account/schedule.ts';
import type { AccountFault } from '../records/fault.ts';
import { arm, inject, requireAsPlanned, type Scaled, serviceName } from './inject.ts';
import { remains, restore } from './restore.ts';
import { actionOf, type CountedService, type EcsUndo, scheduleOf, tagIn, tagKey } from './undo.ts';

export type EcsTarget = {
  readonly drill: string;
  readonly region: string;
  readonly place: AwsPlace;
  readonly cluster: string;
  readonly services: readonly string[];
  readonly undo: AccountUndo;
};

/** Sets the desired count of a region's services to 0, in their declared order, and back in reverse. */
export function ecsService(
  target: EcsTarget,
  { services, schedules }: { readonly services: Services; readonly schedules: Schedules },
  clock: Clock,
): AccountFault<EcsUndo> {
  const { drill, region, place, cluster, undo } = target;
  const scaled: Scaled = { services, schedules, clock };
  return {
    name: `ecs-service ${region}`,
    blastRadius: [region],
    async plan(signal) {
      const counted: CountedService[] = [];
      for (const name of target.services) counted.push(await plannedOf(scaled, { cluster, service: name }, signal));
      return { fault: 'ecs-service', drill, region, place, cluster, undo, services: counted };
    },
    async rehearse(planned, signal) {
      // ECS judges no change without making it: what is read is all there is to rehearse.
      for (const service of planned.services) {
        requireAsPlanned(await services.service({ cluster, service: service.name }, signal), planned, service);
      }
    },
    arm: (planned, signal) => arm(scaled, planned, signal),
    inject: (planned, signal) => inject(scaled, planned, signal),
    restore: (planned, signal) => restore(scaled, planned, signal),
    remains: (planned, signal) => remains(scaled, planned, signal),
    async renew(planned, signal) {
      for (const service of planned.services) {
        const to = { action: actionOf(planned, service), spelling: 'sdk', inMs: aheadMs } as const;
        await moveSchedule(schedules, scheduleOf(planned, service), to, clock, signal);
      }
    },
    disarm: (planned, signal) => disarm(scaled, planned, signal),
  };
}

async function plannedOf(
  { services }: Scaled,
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
    if (isOurs && tag.state === 'restored-late') {
      const to = { action: actionOf(undo, service), spelling: 'sdk', inMs: untilNothingArrivesMs } as const;
      await moveSchedule(schedules, planned, to, clock, signal).catch(() => undefined);
    }
    if (at !== null && isOurs) await services.tag(at.arn, { key: tagKey, value: null }, signal);
    if (!(isOurs && tag.state === 'restored-late')) await removeSchedule(schedules, planned, signal);
  }
}

export { serviceName };
