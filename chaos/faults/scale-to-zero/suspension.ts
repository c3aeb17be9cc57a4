/** What is suspended for a drill: one field of one object that would undo it, and the note on that object. */
import type { Json } from '../../../contract/json.ts';
import { isObject } from '../../../contract/json.ts';
import type { Suspendable } from '../../../scenarios/scenario.ts';
import type { AccessRule } from '../../cluster.ts';
import { type Change, type ObjectRef, type ObjectState, ownersOf, valueAt } from '../../objects.ts';

/** As it was found, and as it is during the drill. Part of the undo record. */
export type Suspension = ObjectRef & {
  readonly owner: Suspendable;
  readonly namespace: string;
  /** `ScaledObject`. */
  readonly kind: string;
  readonly uid: string;
  readonly path: readonly string[];
  /** `null`: absent. */
  readonly before: Json;
  readonly during: Json;
};

/**
 * The annotation `blackstart.dev/suspension` on what is suspended. It goes the way of a workload's mark: nothing is
 * suspended but from `armed`, and `resumed` is written also where nothing was suspended, so that a write still under
 * way meets a conflict.
 */
export type SuspensionMark = {
  readonly drill: string;
  readonly state: 'armed' | 'suspended' | 'resumed';
  /** What resuming found where it was no longer suspended: somebody else's doing. */
  readonly found?: Json;
};

const suspensionKey = 'blackstart.dev/suspension';
const markPath = ['metadata', 'annotations', suspensionKey];
const states: ReadonlySet<unknown> = new Set(['armed', 'suspended', 'resumed']);

/** An object of a suspension as it is now. */
export type Suspended = {
  readonly at: ObjectState;
  readonly value: Json;
  readonly mark: SuspensionMark | null;
  /** Who wrote the field last, where the cluster tells. */
  readonly writer: string | null;
};

export function suspendedOf(at: ObjectState, { path }: Suspension): Suspended {
  const value = (valueAt(at.body, path) ?? null) as Json;
  const [owner] = ownersOf(at.body, path);
  return { at, value, mark: parseMark(valueAt(at.body, markPath)), writer: owner?.manager ?? null };
}

function parseMark(text: unknown): SuspensionMark | null {
  if (typeof text !== 'string') return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && typeof value['drill'] === 'string' && states.has(value['state'])
      ? (value as SuspensionMark)
      : null;
  } catch {
    return null;
  }
}

/** The note in a state; `null` takes it away. */
export function marking(mark: SuspensionMark | null): Change {
  return { path: markPath, value: mark === null ? null : JSON.stringify(mark) };
}

/** `ScaledObject default/agent-api`. */
export function suspensionName({ kind, namespace, name }: Suspension): string {
  return `${kind} ${namespace}/${name}`;
}

/** `metadata.annotations["autoscaling.keda.sh/paused"]`. */
export function pathText(path: readonly string[]): string {
  return path.reduce((text, step) => {
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** What a restorer needs to resume it. */
export function suspensionRule({ group, resource, name }: Suspension): AccessRule {
  return { group, resources: [resource], verbs: ['get', 'patch'], names: [name] };
}

export function isSuspension(value: unknown): value is Suspension {
  return (
    isObject(value) &&
    ['owner', 'group', 'resource', 'namespace', 'name', 'kind', 'uid'].every((key) => typeof value[key] === 'string') &&
    Array.isArray(value['path']) &&
    value['path'].every((step) => typeof step === 'string') &&
    'before' in value &&
    'during' in value
  );
}
