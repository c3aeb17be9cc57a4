/** The one way by which objects come into the store, change and leave it: what every writer goes through. */
import type { Json, JsonObject } from '../../contract/json.ts';
import { type Api, newSuffix, newUid, nowStamp } from './call.ts';
import { type Fields, managedFields, type Writer } from './managed-fields.ts';
import { at, type KubeObject, numberAt, objectAt, same, textAt, withMeta, withPart } from './object.ts';
import { alreadyExists, conflict, forbidden, invalid, invalidValue, notFound, Refusal, required } from './refusal.ts';
import { groupVersion, namespaces, type Resource } from './resources.ts';
import { causesAgainst, withDefaults } from './validate.ts';

export type How = {
  readonly resource: Resource;
  readonly by: Writer;
  readonly dryRun: boolean;
  /** What a server-side apply claims, also where it changes nothing. */
  readonly claimed?: Fields;
  /** Of a deletion; `Background` unless said. */
  readonly propagation?: Propagation;
};

/** What becomes of what it owns: left alone, deleted afterwards, or deleted first. */
export type Propagation = 'Orphan' | 'Background' | 'Foreground';

/** Deletion waits for these; the garbage collector takes them away when it has done what they stand for. */
export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

/** Keeps a new object. 404 without its namespace, 409 when the name is taken, 422 when it is not valid. */
export function insert(api: Api, how: How, namespace: string | null, body: JsonObject): KubeObject {
  const { resource } = how;
  const generateName = textAt(body, 'metadata', 'generateName');
  const name =
    textAt(body, 'metadata', 'name') ?? (generateName === undefined ? undefined : generateName + newSuffix(api.ids));
  const kind = { kind: resource.kind, group: resource.group };
  if (name === undefined || name === '') {
    throw invalid(kind, '', [required('metadata.name', 'name or generateName is required')]);
  }
  if (namespace !== null) checkNamespace(api, resource, { namespace, name });
  if ((textAt(body, 'metadata', 'resourceVersion') ?? '') !== '') {
    throw new Refusal(500, 'InternalError', 'resourceVersion should not be set on objects to be created');
  }
  const object = withDefaults(fresh(api, resource, { name, namespace }, body));
  const causes = causesAgainst(object, undefined);
  if (causes.length > 0) throw invalid(kind, name, causes);
  if (api.store.get(resource, namespace, name) !== undefined) throw alreadyExists(resource, name);
  const owned = withMeta(object, { managedFields: managedFields(undefined, object, how.by, how.claimed ?? null) });
  return how.dryRun ? unstored(owned) : api.store.put(resource, owned);
}

/** What was never kept has no version. */
function unstored(object: KubeObject): KubeObject {
  const { resourceVersion: _none, ...metadata } = object.metadata;
  return { ...object, metadata } as KubeObject;
}

function checkNamespace(api: Api, resource: Resource, at: { namespace: string; name: string }): void {
  const home = api.store.get(namespaces, null, at.namespace);
  if (home === undefined) throw notFound(namespaces, at.namespace);
  if (home.metadata.deletionTimestamp !== undefined) {
    const why = `unable to create new content in namespace ${at.namespace} because it is being terminated`;
    throw forbidden(resource, at.name, why);
  }
}

type Place = { readonly name: string; readonly namespace: string | null };

function fresh(api: Api, resource: Resource, { name, namespace }: Place, body: JsonObject): KubeObject {
  const { status, ...rest } = body;
  const keepsStatus = status !== undefined && !resource.subresources.includes('status');
  return {
    ...rest,
    ...(keepsStatus ? { status } : {}),
    apiVersion: groupVersion(resource),
    kind: resource.kind,
    metadata: {
      ...writableMeta(body),
      name,
      ...(namespace === null ? {} : { namespace }),
      uid: newUid(api.ids),
      resourceVersion: '',
      creationTimestamp: nowStamp(api),
      ...(resource.generation ? { generation: 1 } : {}),
    },
  };
}

const writable = ['generateName', 'labels', 'annotations', 'finalizers', 'ownerReferences'];

function writableMeta(body: JsonObject): JsonObject {
  const entries = Object.entries(objectAt(body, 'metadata'));
  return Object.fromEntries(entries.filter(([key, value]) => writable.includes(key) && !isEmpty(value)));
}

function isEmpty(value: Json): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/**
 * Makes `proposed` what `previous` is from now on, as far as a writer may: 409 when it was made from another version or
 * of another uid, 422 when it is not valid. A write that changes nothing makes no new version.
 */
export function replace(api: Api, how: How, previous: KubeObject, proposed: JsonObject): KubeObject {
  const { resource } = how;
  checkVersion(resource, previous, proposed);
  const next = withDefaults(merged(resource, how.by.subresource, previous, proposed));
  const causes = causesAgainst(next, previous);
  if (causes.length > 0) throw invalid({ kind: resource.kind, group: resource.group }, next.metadata.name, causes);
  const owned = withMeta(next, {
    ...(countsAsNew(resource, previous, next) ? { generation: (previous.metadata.generation ?? 0) + 1 } : {}),
    managedFields: managedFields(previous, next, how.by, how.claimed ?? null),
  });
  if (sameButOwners(previous, owned)) return previous;
  if (how.dryRun) return owned;
  const isGone = owned.metadata.deletionTimestamp !== undefined && !hasFinalizers(owned) && hasFinalizers(previous);
  return isGone ? api.store.remove(resource, owned) : api.store.put(resource, owned);
}

function checkVersion(resource: Resource, previous: KubeObject, proposed: JsonObject): void {
  const { name } = previous.metadata;
  const uid = textAt(proposed, 'metadata', 'uid') ?? '';
  if (uid !== '' && uid !== previous.metadata.uid) throw conflict(resource, name, otherUid(uid, previous.metadata.uid));
  const version = textAt(proposed, 'metadata', 'resourceVersion') ?? '';
  if (version === '' && !resource.unconditionalUpdate) {
    const cause = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalid({ kind: resource.plural, group: resource.group }, name, [cause]);
  }
  if (version !== '' && version !== previous.metadata.resourceVersion) throw conflict(resource, name);
}

export function otherUid(wanted: string, got: string): string {
  return `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${got}`;
}

/** The parts that this writer may change from `proposed`, the others as they were. */
function merged(
  resource: Resource,
  subresource: string | null,
  previous: KubeObject,
  proposed: JsonObject,
): KubeObject {
  if (subresource === 'status') return withPart(previous, 'status', at(proposed, 'status'));
  const {
    generateName: _g,
    labels: _l,
    annotations: _a,
    finalizers: _f,
    ownerReferences: _o,
    ...kept
  } = previous.metadata;
  const generateName = previous.metadata.generateName;
  const metadata = { ...writableMeta(proposed), ...(generateName === undefined ? {} : { generateName }), ...kept };
  const next: KubeObject = { ...proposed, apiVersion: previous.apiVersion, kind: previous.kind, metadata };
  return resource.subresources.includes('status') ? withPart(next, 'status', at(previous, 'status')) : next;
}

/** For workloads a change of annotations counts too, as in the real one. */
function countsAsNew(resource: Resource, previous: KubeObject, next: KubeObject): boolean {
  if (!resource.generation) return false;
  const annotationsCount = resource.group === 'apps';
  if (annotationsCount && !same(at(previous, 'metadata', 'annotations'), at(next, 'metadata', 'annotations')))
    return true;
  return !same(withoutStatusAndMeta(previous), withoutStatusAndMeta(next));
}

function withoutStatusAndMeta({ status: _status, metadata: _metadata, ...rest }: KubeObject): JsonObject {
  return rest;
}

function sameButOwners(previous: KubeObject, next: KubeObject): boolean {
  if (!same(withMeta(previous, { managedFields: [] }), withMeta(next, { managedFields: [] }))) return false;
  return same(timeless(previous), timeless(next));
}

function timeless(object: KubeObject): Json {
  return (object.metadata.managedFields ?? []).map(({ time: _time, ...rest }) => rest);
}

/**
 * Deletes it, or marks it where something still has to end first: its finalizers, or what it stands for
 * (`graceSeconds` 0 does not wait for that). What was marked already is returned as it is.
 */
export function erase(api: Api, how: How, given: KubeObject, graceSeconds: number | null): KubeObject {
  const { resource } = how;
  const object = withPropagation(given, how.propagation ?? 'Background');
  const waits = (resource.graceful && graceSeconds !== 0) || resource === namespaces || hasFinalizers(object);
  if (how.dryRun || (waits && object.metadata.deletionTimestamp !== undefined)) return object;
  if (!waits) return api.store.remove(resource, object);
  const marked = withMeta(object, {
    deletionTimestamp: nowStamp(api),
    ...(resource.graceful ? { deletionGracePeriodSeconds: graceSeconds ?? graceOf(object) } : {}),
    ...(resource.generation ? { generation: (object.metadata.generation ?? 0) + 1 } : {}),
  });
  const inPhase = resource === namespaces ? withPart(marked, 'status', { phase: 'Terminating' }) : marked;
  return api.store.put(resource, inPhase);
}

function graceOf(pod: KubeObject): number {
  return numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30;
}

function withPropagation(object: KubeObject, propagation: Propagation): KubeObject {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  if (propagation === 'Background' || deletionTimestamp !== undefined) return object;
  const added = propagation === 'Orphan' ? orphanFinalizer : foregroundFinalizer;
  return withMeta(object, { finalizers: [...finalizers, added] });
}

function hasFinalizers(object: KubeObject): boolean {
  return (object.metadata.finalizers ?? []).length > 0;
}
