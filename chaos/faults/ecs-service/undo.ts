import { isObject } from '../../../contract/json.ts';
import type { AccountAction } from '../../account.ts';
import { type AccountUndo, type Planned, scheduleName } from '../account/schedule.ts';

/** One service as it was found. */
export type CountedService = {
  readonly name: string;
  readonly arn: string;
  readonly original: number;
  /** Of the deployment that was rolled out: another one shows that somebody deployed meanwhile. */
  readonly deployment: string;
};

/** What mending needs, as JSON: enough without a scenario. */
export type EcsUndo = {
  readonly fault: 'ecs-service';
  readonly drill: string;
  readonly region: string;
  /** AWS's name of the region, and whom to change it as; `null`: whoever runs the program. */
  readonly place: { readonly region: string; readonly role: string | null };
  readonly cluster: string;
  readonly undo: AccountUndo;
  readonly services: readonly CountedService[];
};

/**
 * The tag on a service. `armed` is written by the account's own schedule. `injecting` stays when the answer to an
 * injection was lost: it may still arrive, so then the way back is `restoring-late`, `restored-late`.
 */
export const tagKey = 'blackstart.dev/drill';
export const tagStates = [
  'proving',
  'armed',
  'injecting',
  'injected',
  'restoring',
  'restoring-late',
  'restored',
  'restored-late',
] as const;
export type TagState = (typeof tagStates)[number];
export type Tag = { readonly drill: string; readonly state: TagState; readonly original: number };

/** A tag's value may not have what JSON is made of. */
export function tagOf({ drill }: EcsUndo, { original }: CountedService, state: TagState): string {
  return `drill=${drill} state=${state} original=${original}`;
}

/** `null` where there is none, or none that this version can read. */
export function tagIn(tags: Readonly<Record<string, string>>): Tag | null {
  const [, drill, text, count] = /^drill=(\S+) state=(\S+) original=(\d+)$/.exec(tags[tagKey] ?? '') ?? [];
  const state = tagStates.find((known) => known === text);
  return drill === undefined || state === undefined ? null : { drill, state, original: Number(count) };
}

export function scheduleOf({ drill, undo, place, cluster }: EcsUndo, { name }: CountedService): Planned {
  return { name: scheduleName('ecs', place.region, cluster, name), drill, undo };
}

export function actionOf({ cluster }: EcsUndo, { name, original }: CountedService): AccountAction {
  return { kind: 'set-count', cluster, service: name, count: original };
}

export function isEcsUndo(value: unknown): value is EcsUndo {
  return (
    isObject(value) &&
    value['fault'] === 'ecs-service' &&
    ['drill', 'region', 'cluster'].every((key) => typeof value[key] === 'string') &&
    isObject(value['place']) &&
    typeof value['place']['region'] === 'string' &&
    isObject(value['undo']) &&
    typeof value['undo']['role'] === 'string' &&
    Array.isArray(value['services']) &&
    value['services'].every((service) => isObject(service) && Number.isSafeInteger(service['original']))
  );
}
