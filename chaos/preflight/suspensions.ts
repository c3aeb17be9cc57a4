import type { Json } from '../../contract/json.ts';
import type { Suspendable } from '../../scenarios/scenario.ts';
import type { Right } from '../cluster.ts';
import type { Suspension } from '../faults/scale-to-zero.ts';
import { type ObjectState, valueAt } from '../objects.ts';
import { textAt } from './facts.ts';

/** One field of an object, as it is and as it is to be during the drill. */
export function suspensionOf(
  owner: Suspendable,
  { ref, uid, body }: ObjectState,
  { path, during }: Pick<Suspension, 'path' | 'during'>,
): Suspension {
  const before = (valueAt(body, path) ?? null) as Json;
  const kind = textAt(body, 'kind') || ref.resource;
  return { ...ref, namespace: ref.namespace ?? '', owner, kind, uid, path, before, during };
}

/** What suspending and resuming takes, and what is granted to a restorer in another namespace than the drill's. */
export function suspensionRights(suspensions: readonly Suspension[], home: string): readonly Right[] {
  const roles = ['roles', 'rolebindings'] as const;
  return suspensions.flatMap(({ group, resource, namespace, name }): Right[] => [
    ...(['get', 'patch'] as const).map(
      (verb): Right => ({ verb, group, resource, subresource: null, name, namespace }),
    ),
    ...(namespace === home ? [] : roles).flatMap((part) =>
      (['create', 'delete'] as const).map((verb): Right => {
        const on = { group: 'rbac.authorization.k8s.io', resource: part, subresource: null, name: null };
        return { verb, ...on, namespace };
      }),
    ),
  ]);
}
