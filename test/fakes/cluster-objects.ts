/** The objects of a fake cluster beside workloads and Leases: those that own replicas. */
import { resourceOf, workloadName } from '../../chaos/cluster.ts';
import type { Change, ObjectRef, ObjectState, Objects } from '../../chaos/objects.ts';
import { Trouble } from '../../chaos/trouble.ts';

type Body = { [key: string]: unknown };
/** Makes one call to the fake cluster. */
export type FakeRequest = <T>(name: string, isWrite: boolean, signal: AbortSignal, act: () => T) => Promise<T>;

/** What the fake cluster tells of a workload, and lets be done to it. */
export type FakeWorkloads = {
  read(
    name: string,
  ): { readonly uid: string; readonly version: string; readonly replicas: number; readonly manager: string } | null;
  bump(name: string): string;
};

export type FakeObjects = {
  /** As `kubectl apply` does; `resource` as `scaledobjects.keda.sh`. What is there is replaced. */
  put(resource: string, body: Body): void;
  read(resource: string, namespace: string, name: string): Body | undefined;
  remove(resource: string, namespace: string, name: string): void;
  /** Merged into the object that the API shows of a workload: labels, annotations, template. */
  readonly extras: Map<string, Body>;
  /** Kinds that nobody may list or get: `scaledobjects.keda.sh`. */
  readonly forbidden: Set<string>;
  /** `argocd d1`: what restorers may do elsewhere. */
  readonly grants: Set<string>;
  client(request: FakeRequest): Objects;
};

type Stored = { ref: ObjectRef; uid: string; version: number; body: Body };

export function fakeObjects(workloads: FakeWorkloads): FakeObjects {
  const stored = new Map<string, Stored>();
  const extras = new Map<string, Body>();
  const forbidden = new Set<string>();
  const grants = new Set<string>();
  let version = 1_000;

  const kindOf = ({ group, resource }: Pick<ObjectRef, 'group' | 'resource'>): string =>
    group === '' ? resource : `${resource}.${group}`;
  const keyOf = (ref: ObjectRef): string => `${kindOf(ref)} ${ref.namespace ?? ''}/${ref.name}`;
  const workloadOf = (ref: ObjectRef): string | null => {
    const kinds: Readonly<Record<string, string>> = {
      'deployments.apps': 'deployment',
      'statefulsets.apps': 'statefulset',
    };
    const name = workloadName({ kind: kinds[kindOf(ref)] ?? kindOf(ref), name: ref.name });
    return workloads.read(name) === null ? null : name;
  };

  function stateOf(ref: ObjectRef): ObjectState | null {
    const workload = workloadOf(ref);
    if (workload !== null) return wholeOf(ref, workload);
    const found = stored.get(keyOf(ref));
    return found === undefined
      ? null
      : { ref: found.ref, uid: found.uid, version: String(found.version), body: structuredClone(found.body) };
  }

  function wholeOf(ref: ObjectRef, name: string): ObjectState {
    const held = workloads.read(name);
    if (held === null) throw new Trouble('missing', `${name}: there is none (404)`);
    const { metadata, spec, ...rest } = structuredClone(extras.get(name) ?? {}) as { metadata?: Body; spec?: Body };
    const kind = name.startsWith('statefulset') ? 'StatefulSet' : 'Deployment';
    const owner = { manager: held.manager, operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } };
    const body = {
      apiVersion: 'apps/v1',
      kind,
      ...rest,
      metadata: { name: ref.name, namespace: ref.namespace, managedFields: [owner], ...metadata },
      spec: { replicas: held.replicas, ...spec },
    };
    return { ref, uid: held.uid, version: held.version, body };
  }

  function write(at: ObjectState, changes: readonly Change[]): string | null {
    const now = stateOf(at.ref);
    if (now === null || now.version !== at.version || now.uid !== at.uid) return null;
    const workload = workloadOf(at.ref);
    const body = workload === null ? now.body : structuredClone(extras.get(workload) ?? {});
    for (const { path, value } of changes) set(body as Body, path, value);
    if (workload !== null) {
      extras.set(workload, body as Body);
      return workloads.bump(workload);
    }
    version += 1;
    own(body as Body, changes);
    stored.set(keyOf(at.ref), { ref: at.ref, uid: at.uid, version, body: body as Body });
    return String(version);
  }

  function mayRead(kind: Pick<ObjectRef, 'group' | 'resource'>): boolean {
    return !forbidden.has(kindOf(kind));
  }

  return {
    put(resource, body) {
      const { name, namespace } = body['metadata'] as { name: string; namespace?: string };
      const [plural = resource, ...group] = resource.split('.');
      const ref = { group: group.join('.'), resource: plural, namespace: namespace ?? null, name };
      version += 1;
      stored.set(keyOf(ref), { ref, uid: `uid-${resource}/${name}`, version, body: structuredClone(body) });
    },
    read: (resource, namespace, name) => stored.get(`${resource} ${namespace}/${name}`)?.body,
    remove: (resource, namespace, name) => stored.delete(`${resource} ${namespace}/${name}`),
    extras,
    forbidden,
    grants,
    client: (request) => ({
      whole: (workload, signal) =>
        request('whole', false, signal, () =>
          wholeOf({ ...resourceOf(workload.kind), namespace: 'default', name: workload.name }, workloadName(workload)),
        ),
      object: (ref, signal) =>
        request('object', false, signal, () => {
          if (!mayRead(ref)) throw new Trouble('forbidden', `${keyOf(ref)}: not permitted (403: RBAC)`);
          return stateOf(ref);
        }),
      objects: (listed, signal) =>
        request('objects', false, signal, () => {
          if (!mayRead(listed)) {
            return { status: 'forbidden', because: `${kindOf(listed)}: not permitted (403: RBAC)` } as const;
          }
          const objects = [...stored.values()]
            .filter(({ ref }) => kindOf(ref) === kindOf(listed))
            .filter(({ ref }) => listed.namespace === null || ref.namespace === listed.namespace)
            .flatMap(({ ref }) => stateOf(ref) ?? []);
          return objects.length === 0 ? ({ status: 'not-served' } as const) : { status: 'found', objects };
        }),
      change: (at, changes, { dryRun }, signal) =>
        request(dryRun ? 'rehearse change' : 'change', !dryRun, signal, () => {
          if (dryRun) return { written: true, version: at.version };
          const written = write(at, changes);
          return written === null ? { written: false } : { written: true, version: written };
        }),
      grant: (namespace, drill, _rules, signal) =>
        request('grant', true, signal, () => void grants.add(`${namespace} ${drill}`)),
      revoke: (namespace, drill, signal) =>
        request('revoke', true, signal, () => void grants.delete(`${namespace} ${drill}`)),
    }),
  };
}

function set(body: Body, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? '';
  let inner = body;
  for (const step of path.slice(0, -1)) {
    inner[step] ??= {};
    inner = inner[step] as Body;
  }
  if (value === null) delete inner[last];
  else inner[last] = value;
}

/** As managed fields say it, roughly: who wrote last owns what was written. */
function own(body: Body, changes: readonly Change[]): void {
  const fieldsV1: Body = {};
  for (const { path } of changes)
    set(
      fieldsV1,
      path.map((step) => `f:${step}`),
      {},
    );
  body['metadata'] ??= {};
  const metadata = body['metadata'] as Body;
  metadata['managedFields'] = [{ manager: 'blackstart', operation: 'Update', fieldsV1 }];
}
