/** The few fields of API objects that drills read. Parsed here; whatever is missing is absent, never trusted. */
import { isObject } from '../../../contract/json.ts';
import type { Workload } from '../../../scenarios/scenario.ts';
import { type LeaseDraft, type LeaseState, markKey, parseMark, stopKey, type WorkloadState } from '../../cluster.ts';
import { ownersOf } from '../../objects.ts';

type Fields = { readonly [key: string]: unknown };

export function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export function workloadOf(workload: Workload, body: Fields): WorkloadState {
  const metadata = fieldsOf(body['metadata']);
  return {
    workload: { kind: workload.kind, name: workload.name },
    uid: textOf(metadata['uid']),
    version: textOf(metadata['resourceVersion']),
    // A scale of zero leaves the field out.
    replicas: countOf(fieldsOf(body['spec'])['replicas']),
    readyReplicas: countOf(fieldsOf(body['status'])['readyReplicas']),
    mark: parseMark(textsOf(metadata['annotations'])[markKey]),
    stop: textsOf(metadata['annotations'])[stopKey] ?? null,
    managers: ownersOf(body, ['spec', 'replicas']).map(({ manager }) => manager),
  };
}

/** Whether a kind counts ready pods; its count is left out at zero, but others come with it. */
export function tellsReady(body: Fields): boolean {
  const status = fieldsOf(body['status']);
  return ['readyReplicas', 'availableReplicas', 'updatedReplicas'].some((key) => key in status);
}

/** With what its scale says: the only one who knows, for kinds that are not Kubernetes' own. */
export function scaledBy(state: WorkloadState, scale: Fields, tellsReady: boolean): WorkloadState {
  const replicas = countOf(fieldsOf(scale['spec'])['replicas']);
  const ready = tellsReady ? state.readyReplicas : countOf(fieldsOf(scale['status'])['replicas']);
  return { ...state, replicas, readyReplicas: Math.min(ready, replicas) };
}

export function leaseOf(body: Fields): LeaseState {
  const metadata = fieldsOf(body['metadata']);
  const spec = fieldsOf(body['spec']);
  return {
    name: textOf(metadata['name']),
    uid: textOf(metadata['uid']),
    version: textOf(metadata['resourceVersion']),
    holder: textOf(spec['holderIdentity']),
    durationMs: countOf(spec['leaseDurationSeconds']) * 1_000,
    renewedAt: textOf(spec['renewTime']),
    acquiredAt: textOf(spec['acquireTime']),
    transitions: countOf(spec['leaseTransitions']),
    annotations: textsOf(metadata['annotations']),
  };
}

/** As the API wants it; with `at`, to replace that version. */
export function leaseBody(lease: LeaseDraft, namespace: string, at: LeaseState | null): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: lease.name,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'blackstart' },
      annotations: lease.annotations,
      ...(at === null ? {} : { uid: at.uid, resourceVersion: at.version }),
    },
    spec: {
      holderIdentity: lease.holder,
      leaseDurationSeconds: Math.max(1, Math.ceil(lease.durationMs / 1_000)),
      renewTime: lease.renewedAt,
      acquireTime: lease.acquiredAt,
      leaseTransitions: lease.transitions,
    },
  };
}

/** `null` where no slice is about this workload. Pods are told by their names: `<workload>-<hash>-<random>` or `-<n>`. */
export function readyEndpointsOf(workload: Workload, slices: readonly unknown[]): number | null {
  const pods = new RegExp(`^${workload.name.replaceAll('.', '\\.')}-[a-z0-9]+(-[a-z0-9]+)?$`);
  const ready = new Set<string>();
  let isKnown = false;
  for (const slice of slices.map(fieldsOf)) {
    const labels = textsOf(fieldsOf(slice['metadata'])['labels']);
    const isNamesake = labels['kubernetes.io/service-name'] === workload.name;
    if (isNamesake) isKnown = true;
    for (const endpoint of listOf(slice['endpoints']).map(fieldsOf)) {
      const pod = textOf(fieldsOf(endpoint['targetRef'])['name']);
      if (!(pod === '' ? isNamesake : pods.test(pod))) continue;
      isKnown = true;
      // Absent means ready, by the API's own definition.
      if (fieldsOf(endpoint['conditions'])['ready'] !== false)
        ready.add(pod || String(listOf(endpoint['addresses'])[0]));
    }
  }
  return isKnown ? ready.size : null;
}
