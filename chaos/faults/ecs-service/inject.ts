import type { Bounds } from '../../../contract/bounds.ts';
import type { Clock } from '../../../contract/clock.ts';
import type { Schedules, ServiceState, Services } from '../../account.ts';
import { Trouble } from '../../trouble.ts';
import { makeSchedule, moveSchedule, prove, untilNothingArrivesMs } from '../account/schedule.ts';
import {
  actionOf,
  type CountedService,
  type EcsUndo,
  scheduleOf,
  type Tag,
  type TagState,
  tagIn,
  tagKey,
  tagOf,
} from './undo.ts';

export type Scaled = { readonly services: Services; readonly schedules: Schedules; readonly clock: Clock };

/** Makes each schedule that mends, and has the account write the tag: then it has been seen to act. */
export async function arm(scaled: Scaled, undo: EcsUndo, signal: AbortSignal): Promise<void> {
  const { services, schedules, clock } = scaled;
  for (const service of undo.services) {
    const planned = scheduleOf(undo, service);
    const tag = requireAsPlanned(await read(scaled, undo, service, signal), undo, service);
    if (tag !== null && tag.drill !== undo.drill && !isOver(tag)) throw takenBy(undo, service, tag);
    if (tag?.drill === undo.drill && tag.state === 'armed') continue;
    await makeSchedule(schedules, planned, actionOf(undo, service), clock, signal);
    await services.tag(service.arn, { key: tagKey, value: tagOf(undo, service, 'proving') }, signal);
    const value = tagOf(undo, service, 'armed');
    const action = { kind: 'tag-service', arn: service.arn, key: tagKey, value } as const;
    const isDone = async (inner: AbortSignal): Promise<boolean> =>
      tagIn((await read(scaled, undo, service, inner))?.tags ?? {})?.state === 'armed';
    await prove(schedules, planned, { action, isDone }, clock, signal);
  }
}

/**
 * Sets each count to 0, in order. There is no compare-and-set: each service is read just before, tagged `injecting`, and
 * read just after. Goes on only while the tag is `armed` with this drill's id.
 */
export async function inject(scaled: Scaled, undo: EcsUndo, signal: AbortSignal): Promise<Bounds> {
  const { services, clock } = scaled;
  for (const service of undo.services) requireArmed(await read(scaled, undo, service, signal), undo, service);
  for (const service of undo.services) await moveOn(scaled, undo, service, { inMs: untilNothingArrivesMs, signal });
  let began: Bounds | undefined;
  for (const service of undo.services) {
    const ref = { cluster: undo.cluster, service: service.name };
    if (requireArmed(await read(scaled, undo, service, signal), undo, service) === 'injected') continue;
    await tagged(scaled, undo, service, { state: 'injecting', signal });
    const sentMs = clock.nowMs();
    await services.setCount(ref, 0, signal);
    began ??= { lowerMs: sentMs, upperMs: clock.nowMs() };
    const after = await services.service(ref, signal);
    await tagged(scaled, undo, service, { state: 'injected', signal });
    if (after?.desiredCount !== 0) {
      throw new Trouble('taken', `${serviceName(undo, service)}: was set to ${after?.desiredCount} by somebody else`);
    }
  }
  return began ?? { lowerMs: clock.nowMs(), upperMs: clock.nowMs() };
}

export function tagged(
  { services }: Scaled,
  undo: EcsUndo,
  service: CountedService,
  { state, signal }: { readonly state: TagState; readonly signal: AbortSignal },
): Promise<void> {
  return services.tag(service.arn, { key: tagKey, value: tagOf(undo, service, state) }, signal);
}

export function read(
  { services }: Scaled,
  { cluster }: EcsUndo,
  { name }: CountedService,
  signal: AbortSignal,
): Promise<ServiceState | null> {
  return services.service({ cluster, service: name }, signal);
}

/** Throws where the service is not the one that was planned; its tag, where it is. */
export function requireAsPlanned(at: ServiceState | null, undo: EcsUndo, service: CountedService): Tag | null {
  const name = serviceName(undo, service);
  if (at === null || at.arn !== service.arn) throw new Trouble('taken', `${name}: was deleted since the plan`);
  if (at.deployment !== service.deployment) throw new Trouble('taken', `${name}: was deployed anew since the plan`);
  if (at.desiredCount === service.original) return tagIn(at.tags);
  throw new Trouble(
    'taken',
    `${name}: its desired count is ${at.desiredCount}, want ${service.original}: changed by somebody else`,
  );
}

function requireArmed(at: ServiceState | null, undo: EcsUndo, service: CountedService): 'armed' | 'injected' {
  const tag = at === null ? null : tagIn(at.tags);
  if (tag?.drill !== undo.drill) throw takenBy(undo, service, tag);
  if (tag.state === 'injected' && at?.desiredCount === 0) return 'injected';
  if (tag.state !== 'armed') throw takenBy(undo, service, tag);
  requireAsPlanned(at, undo, service);
  return 'armed';
}

async function moveOn(
  { schedules, clock }: Scaled,
  undo: EcsUndo,
  service: CountedService,
  { inMs, signal }: { readonly inMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const to = { action: actionOf(undo, service), inMs } as const;
  await moveSchedule(schedules, scheduleOf(undo, service), to, clock, signal);
}

function isOver({ state }: Tag): boolean {
  return state === 'restored' || state === 'restored-late';
}

function takenBy(undo: EcsUndo, service: CountedService, tag: Tag | null): Trouble {
  const name = serviceName(undo, service);
  return tag === null
    ? new Trouble('taken', `${name}: the drill's tag is gone: removed by somebody else`)
    : new Trouble('taken', `${name}: its tag says ${tag.state} for drill ${tag.drill}`);
}

export function serviceName({ cluster }: EcsUndo, { name }: CountedService): string {
  return `service ${cluster}/${name}`;
}
