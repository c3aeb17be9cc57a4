/** The few fields of API objects that drills read. Parsed here; whatever is missing is absent, never trusted. */
import { isObject } from '../../../contract/json.ts';
import type { Workload } from '../../../scenarios/scenario.ts';
import { type LeaseDraft, type LeaseState, markKey, parseMark, type WorkloadState } from '../../cluster.ts';

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
    managers: managersOf(listOf(metadata['managedFields'])),
  };
}

/** Who wrote `spec.replicas`, the latest first. */
function managersOf(entries: readonly unknown[]): readonly string[] {
  return entries
    .map(fieldsOf)
    .filter((entry) => 'f:replicas' in fieldsOf(fieldsOf(entry['fieldsV1'])['f:spec']))
    .toSorted((a, b) => (textOf(a['time']) < textOf(b['time']) ? 1 : -1))
    .map((entry) => textOf(entry['manager']));
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
