/** Objects of any kind beside workloads and Leases: those that own replicas, or speak for them. */
import type { Json } from '../contract/json.ts';
import type { Workload } from '../scenarios/scenario.ts';
import type { AccessRule, Written } from './cluster.ts';

export type ObjectRef = {
  readonly group: string;
  /** Its plural: `scaledobjects`. */
  readonly resource: string;
  /** `null` for kinds without namespaces. */
  readonly namespace: string | null;
  readonly name: string;
};

export type ObjectState = {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly version: string;
  /** As the API has it, `metadata.managedFields` included. */
  readonly body: { readonly [key: string]: unknown };
};

/** `null` takes the field away. */
export type Change = { readonly path: readonly string[]; readonly value: Json };

/** What a list came to: that a kind is not there and that we may not know are told apart. */
export type Found =
  | { readonly status: 'found'; readonly objects: readonly ObjectState[] }
  | { readonly status: 'not-served' }
  | { readonly status: 'forbidden'; readonly because: string };

export type Listed = {
  readonly group: string;
  readonly resource: string;
  /** `null`: of all namespaces. */
  readonly namespace: string | null;
  /** A label that they have to carry. */
  readonly label?: string;
  /** As a field selector has it: `reason=SuccessfulRescale`. */
  readonly fields?: string;
  readonly limit?: number;
};

export type Objects = {
  /** The workload as the API has it. */
  whole(workload: Workload, signal: AbortSignal): Promise<ObjectState>;
  /** `null`: there is none, or the cluster does not serve the kind. */
  object(ref: ObjectRef, signal: AbortSignal): Promise<ObjectState | null>;
  objects(listed: Listed, signal: AbortSignal): Promise<Found>;
  /** All changes in one write, by compare-and-set. `dryRun`: judged in full, without effect. */
  change(
    at: ObjectState,
    changes: readonly Change[],
    how: { readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<Written>;
  /** Lets the restorer of a drill do this in another namespace than its own. One that is there already is as good. */
  grant(namespace: string, drill: string, rules: readonly AccessRule[], signal: AbortSignal): Promise<void>;
  /** Takes it back; gone already is as good. */
  revoke(namespace: string, drill: string, signal: AbortSignal): Promise<void>;
};

/** `ScaledObject default/agent-api`. */
export function objectName({ ref, body }: Pick<ObjectState, 'ref' | 'body'>): string {
  const kind = typeof body['kind'] === 'string' ? body['kind'] : `${ref.resource}.${ref.group}`;
  return `${kind} ${ref.namespace === null ? '' : `${ref.namespace}/`}${ref.name}`;
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let found: unknown = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as { readonly [key: string]: unknown })[step];
  }
  return found;
}

export type FieldOwner = {
  readonly manager: string;
  readonly operation: string;
  /** ISO 8601, by the API server's clock; empty where it does not tell. */
  readonly at: string;
};

/** Who wrote the field at a path, the latest first. Only fields of objects, not of lists. */
export function ownersOf(body: ObjectState['body'], path: readonly string[]): readonly FieldOwner[] {
  const entries = valueAt(body, ['metadata', 'managedFields']);
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return (Array.isArray(entries) ? entries : [])
    .filter((entry) => {
      const fields = path.map((step) => `f:${step}`);
      return valueAt(entry, ['fieldsV1', ...fields]) !== undefined;
    })
    .map((entry) => ({
      manager: text(valueAt(entry, ['manager'])),
      operation: text(valueAt(entry, ['operation'])),
      at: text(valueAt(entry, ['time'])),
    }))
    .toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1));
}
