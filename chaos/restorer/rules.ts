/** What a restorer may do: mend the workloads at stake, hold its Lease, and say so. Nothing else, and nothing by list. */
import type { Workload } from '../../scenarios/scenario.ts';
import { type AccessRule, leaseNameOf, type Right, resourceOf } from '../cluster.ts';
import { type Suspension, suspensionRule } from '../faults/scale-to-zero.ts';

const coordination = 'coordination.k8s.io';

/** What a drill has at stake: an undo record, or a plan of one. */
export type AtStake = {
  readonly drill: string;
  readonly workloads: readonly Workload[];
  /** Absent: that of whoever is granted. */
  readonly namespace?: string;
  readonly suspensions?: readonly Suspension[];
  /** Whether the restorer tells people, by a Secret of the drill's own. */
  readonly notifies?: boolean;
};

/** The rules of the Role of a drill's restorer. */
export function restorerRules(undo: AtStake): readonly AccessRule[] {
  const lease = [leaseNameOf(undo.drill)];
  return [
    ...undo.workloads.flatMap(({ kind, name }): AccessRule[] => {
      const { group, resource } = resourceOf(kind);
      return [
        { group, resources: [resource], verbs: ['get', 'patch'], names: [name] },
        { group, resources: [`${resource}/scale`], verbs: ['get', 'update'], names: [name] },
      ];
    }),
    // What is suspended elsewhere is granted there, when it is armed.
    ...(undo.suspensions ?? []).filter(({ namespace }) => namespace === undo.namespace).map(suspensionRule),
    { group: coordination, resources: ['leases'], verbs: ['get', 'update', 'patch'], names: lease },
    { group: '', resources: ['events'], verbs: ['create'], names: [] },
  ];
}

const parts: readonly Pick<Right, 'group' | 'resource'>[] = [
  { group: '', resource: 'serviceaccounts' },
  { group: 'rbac.authorization.k8s.io', resource: 'roles' },
  { group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
  { group: 'batch', resource: 'jobs' },
];

/**
 * What it takes to start a restorer and to sweep it: its parts, and every right that its Role gives, since a cluster
 * lets nobody give what they do not have.
 */
export function restorerRights(undo: AtStake): readonly Right[] {
  const made = undo.notifies ? [...parts, { group: '', resource: 'secrets' }] : parts;
  const making = made.flatMap((part) =>
    (['create', 'delete'] as const).map((verb): Right => ({ ...part, verb, subresource: null, name: null })),
  );
  return [...making, ...restorerRules(undo).flatMap(rightsIn)];
}

function rightsIn({ group, resources, verbs, names }: AccessRule): readonly Right[] {
  return resources.flatMap((text) => {
    const [resource = text, subresource = null] = text.split('/');
    // The Lease's name is not known to who asks before there is a drill.
    const asked = names.length === 0 || resource === 'leases' ? [null] : names;
    return asked.flatMap((name) => verbs.map((verb): Right => ({ verb, group, resource, subresource, name })));
  });
}
