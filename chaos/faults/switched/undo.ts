import { isObject, type Json } from '../../../contract/json.ts';

/** One setting of one region's switchboard, as the fault has it. Before the drill and after it there is none. */
export type Switched = { readonly region: string; readonly subject: string; readonly setting: Json };

/** Kinds that are nothing but settings of switchboards. */
export type SwitchName = 'health-route' | 'edge' | 'partition' | 'name-server';

/** What mending needs, as JSON. Where a switchboard is, and its token, the scenario says: a record holds no secret. */
export type SwitchUndo = {
  readonly fault: SwitchName;
  readonly drill: string;
  readonly region: string;
  /** In the order of setting; mended in reverse. */
  readonly settings: readonly Switched[];
};

export function isSwitchUndo(value: unknown, kind: SwitchName): value is SwitchUndo {
  return (
    isObject(value) &&
    value['fault'] === kind &&
    typeof value['drill'] === 'string' &&
    typeof value['region'] === 'string' &&
    Array.isArray(value['settings']) &&
    value['settings'].every(isSwitched)
  );
}

function isSwitched(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['region'] === 'string' &&
    typeof value['subject'] === 'string' &&
    isObject(value['setting'])
  );
}
