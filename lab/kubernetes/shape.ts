/** Which fields an object may have, as deep as drills write; what the server does with others is fieldValidation. */
import { isObject, type Json } from '../../contract/json.ts';

export type Leaf = 'any' | 'int32' | 'text' | 'micro-time';
export type Shape = Leaf | { readonly [field: string]: Shape };

const metadata: Shape = {
  name: 'text',
  generateName: 'text',
  namespace: 'text',
  selfLink: 'any',
  uid: 'text',
  resourceVersion: 'text',
  generation: 'any',
  creationTimestamp: 'any',
  deletionTimestamp: 'any',
  deletionGracePeriodSeconds: 'any',
  labels: 'any',
  annotations: 'any',
  ownerReferences: 'any',
  finalizers: 'any',
  managedFields: 'any',
};

function shape(fields: { readonly [field: string]: Shape }): Shape {
  return { apiVersion: 'text', kind: 'text', metadata, ...fields };
}

function loose(...fields: readonly string[]): Shape {
  return shape(Object.fromEntries(fields.map((field) => [field, 'any'])));
}

const template: Shape = { metadata, spec: 'any' };

export const shapes: Readonly<Record<string, Shape>> = {
  Scale: shape({ spec: { replicas: 'int32' }, status: { replicas: 'int32', selector: 'text' } }),
  Deployment: shape({
    spec: {
      replicas: 'int32',
      selector: 'any',
      template,
      strategy: 'any',
      minReadySeconds: 'int32',
      revisionHistoryLimit: 'int32',
      paused: 'any',
      progressDeadlineSeconds: 'int32',
    },
    status: 'any',
  }),
  Lease: shape({
    spec: {
      holderIdentity: 'text',
      leaseDurationSeconds: 'int32',
      acquireTime: 'micro-time',
      renewTime: 'micro-time',
      leaseTransitions: 'int32',
      strategy: 'text',
      preferredHolder: 'text',
    },
  }),
  Namespace: loose('spec', 'status'),
  Pod: loose('spec', 'status'),
  Service: loose('spec', 'status'),
  ServiceAccount: loose('secrets', 'imagePullSecrets', 'automountServiceAccountToken'),
  ConfigMap: loose('data', 'binaryData', 'immutable'),
  Secret: loose('data', 'stringData', 'immutable', 'type'),
  ReplicaSet: loose('spec', 'status'),
  StatefulSet: loose('spec', 'status'),
  HorizontalPodAutoscaler: loose('spec', 'status'),
  Job: loose('spec', 'status'),
  CustomResourceDefinition: loose('spec', 'status'),
  EndpointSlice: loose('addressType', 'endpoints', 'ports'),
  PodDisruptionBudget: loose('spec', 'status'),
  Role: loose('rules'),
  RoleBinding: loose('subjects', 'roleRef'),
  SelfSubjectAccessReview: loose('spec', 'status'),
  SelfSubjectRulesReview: loose('spec', 'status'),
  SelfSubjectReview: loose('status'),
  TokenRequest: loose('spec', 'status'),
};

export type Decoded = {
  /** The value without the fields that nobody knows. */
  readonly value: Json;
  /** `spec.replicaz`. */
  readonly unknown: readonly string[];
  /** The first value that its field cannot hold, in the words of the real decoder. */
  readonly wrong: string | undefined;
};

export function decode(value: Json, expected: Shape, path = ''): Decoded {
  if (value === null) return { value, unknown: [], wrong: undefined };
  if (typeof expected === 'string') return { value, unknown: [], wrong: wrongLeaf(value, expected, path) };
  if (!isObject(value)) return { value, unknown: [], wrong: cannotHold(value, path, 'object') };
  const kept: Record<string, Json> = {};
  const unknown: string[] = [];
  let wrong: string | undefined;
  for (const [field, inner] of Object.entries(value)) {
    const fieldPath = path === '' ? field : `${path}.${field}`;
    const innerShape = Object.hasOwn(expected, field) ? expected[field] : undefined;
    if (innerShape === undefined) {
      unknown.push(fieldPath);
      continue;
    }
    const decoded = decode(inner as Json, innerShape, fieldPath);
    if (decoded.value !== null) kept[field] = decoded.value;
    unknown.push(...decoded.unknown);
    wrong ??= decoded.wrong;
  }
  return { value: kept, unknown, wrong };
}

/** `time.RFC3339Micro` is read strictly: six digits, no more and no fewer. */
const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

function wrongLeaf(value: Json, leaf: Leaf, path: string): string | undefined {
  switch (leaf) {
    case 'any':
      return undefined;
    case 'text':
      return typeof value === 'string' ? undefined : cannotHold(value, path, 'string');
    case 'int32':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31
        ? undefined
        : cannotHold(value, path, 'int32');
    case 'micro-time':
      if (typeof value !== 'string') return cannotHold(value, path, 'string');
      return microTime.test(value)
        ? undefined
        : `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00": want six digits of a second`;
  }
}

function cannotHold(value: Json, path: string, want: string): string {
  const got = Array.isArray(value) ? 'array' : typeof value;
  return `json: cannot unmarshal ${got} into Go struct field ${path} of type ${want}`;
}
