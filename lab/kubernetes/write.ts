/** POST, PUT, PATCH and DELETE of stored objects. */
import type { JsonObject } from '../../contract/json.ts';
import { bodyOf, checkPlace, type Kind, mediaType } from './body.ts';
import { type Answer, type Api, type Call, checkWriteOptions, isDryRun, type Target, writerOf } from './call.ts';
import { erase, type How, insert, otherUid, type Propagation, replace } from './commit.ts';
import { checkEscalation } from './escalation.ts';
import { type KubeObject, numberAt, textAt } from './object.ts';
import { appliedTo, isApply, patched, patchTypes, strategicType } from './patched.ts';
import { conflict, invalid, notFound, unsupportedMediaType } from './refusal.ts';
import { groupVersion, type Resource } from './resources.ts';
import { selectionOf } from './selection.ts';

export function kindOf(resource: Resource): Kind {
  return { kind: resource.kind, apiVersion: groupVersion(resource), shape: resource.shape };
}

export function howOf(api: Api, call: Call, target: Target): How {
  const by = writerOf(api, call, target, call.method === 'PATCH' && isApply(call));
  return { resource: target.resource, by, dryRun: isDryRun(call) };
}

/** The object of the path; 404 when it is not there. */
export function mustExist(api: Api, target: Target): KubeObject {
  const { resource, namespace, name } = target;
  const object = api.store.get(resource, namespace, name ?? '');
  if (object === undefined) throw notFound(resource, name ?? '');
  return object;
}

export function create(api: Api, call: Call, target: Target): Answer {
  checkWriteOptions(call, 'CreateOptions');
  const body = bodyOf(call, kindOf(target.resource));
  checkPlace(body, null, target.namespace);
  checkEscalation(api, call, target, body);
  return { code: 201, body: insert(api, howOf(api, call, target), target.namespace, body) };
}

export function update(api: Api, call: Call, target: Target): Answer {
  checkWriteOptions(call, 'UpdateOptions');
  const { resource, namespace, name } = target;
  const body = bodyOf(call, kindOf(resource));
  checkPlace(body, name, namespace);
  checkEscalation(api, call, target, body);
  const how = howOf(api, call, target);
  const previous = api.store.get(resource, namespace, name ?? '');
  if (previous !== undefined) return { code: 200, body: replace(api, how, previous, body) };
  if (!resource.createOnUpdate) throw notFound(resource, name ?? '');
  return { code: 201, body: insert(api, how, namespace, unversioned(resource, name ?? '', body)) };
}

/** A PUT that creates ignores the version it was made from; one that names a uid meant another object. */
function unversioned(resource: Resource, name: string, body: JsonObject): JsonObject {
  const uid = textAt(body, 'metadata', 'uid') ?? '';
  if (uid !== '') throw conflict(resource, name, otherUid(uid, ''));
  const { resourceVersion: _version, ...metadata } = (body['metadata'] ?? {}) as JsonObject;
  return { ...body, metadata: { ...metadata, name } };
}

export function patch(api: Api, call: Call, target: Target): Answer {
  const { resource, namespace, name } = target;
  checkWriteOptions(call, 'PatchOptions', isApply(call));
  checkPatchType(call, resource);
  const how = howOf(api, call, target);
  if (!isApply(call)) {
    const previous = mustExist(api, target);
    const wanted = patched(call, previous, kindOf(resource));
    checkEscalation(api, call, target, wanted);
    return { code: 200, body: replace(api, how, previous, wanted) };
  }
  const previous = api.store.get(resource, namespace, name ?? '');
  const { value, claimed } = appliedTo(call, previous, kindOf(resource), how.by);
  checkPlace(value, name, namespace);
  checkEscalation(api, call, target, value);
  const claiming = claimed === null ? how : { ...how, claimed };
  if (previous !== undefined) return { code: 200, body: replace(api, claiming, previous, value) };
  return { code: 201, body: insert(api, claiming, namespace, value) };
}

/** Nothing is known of a custom resource's lists, so nothing can be merged by strategy. */
function checkPatchType(call: Call, { custom }: Resource): void {
  if (custom && mediaType(call) === strategicType)
    throw unsupportedMediaType(patchTypes.filter((type) => type !== strategicType));
}

export function remove(api: Api, call: Call, target: Target): Answer {
  checkWriteOptions(call, 'DeleteOptions');
  const { resource } = target;
  const options = optionsOf(call);
  const propagation = propagationOf(call, options, resource);
  const object = mustExist(api, target);
  const { name, uid, resourceVersion } = object.metadata;
  const wantedUid = textAt(options, 'preconditions', 'uid') ?? uid;
  const wantedVersion = textAt(options, 'preconditions', 'resourceVersion') ?? resourceVersion;
  if (wantedUid !== uid) throw conflict(resource, name, otherUid(wantedUid, uid));
  if (wantedVersion !== resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${wantedVersion}, ResourceVersion in object meta: ${resourceVersion}`;
    throw conflict(resource, name, why);
  }
  const how = howOf(api, call, target);
  const dryRun = call.body === '' ? how.dryRun : JSON.stringify(options['dryRun'] ?? []) === '["All"]';
  if (propagation === undefined) call.warnings.push(orphaning);
  const left = erase(api, { ...how, dryRun, propagation: propagation ?? 'Orphan' }, object, graceOf(call, options));
  return { code: 200, body: left.metadata.deletionTimestamp === undefined ? success(resource, object) : left };
}

/** Deletes all that the selectors of the call select. */
export function removeAll(api: Api, call: Call, target: Target): Answer {
  checkWriteOptions(call, 'DeleteOptions');
  const selected = selectionOf(call, target.resource);
  const options = optionsOf(call);
  const objects = api.store.list(target.resource, target.namespace).filter(selected);
  const how = howOf(api, call, target);
  const propagation = propagationOf(call, options, target.resource) ?? 'Orphan';
  const items = objects.map((object) => erase(api, { ...how, propagation }, object, graceOf(call, options)));
  const metadata = { resourceVersion: String(api.store.version()) };
  return { code: 200, body: { kind: `${target.resource.kind}List`, apiVersion: how.by.apiVersion, metadata, items } };
}

const orphaning =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Foreground to wait for them to be removed';

/** `undefined` where nothing is said and dependents are orphaned, of which the real server warns. */
function propagationOf(call: Call, options: JsonObject, { orphans }: Resource): Propagation | undefined {
  const said = textAt(options, 'propagationPolicy') ?? (call.body === '' ? call.query.get('propagationPolicy') : null);
  if (said === null || said === '') return orphans ? undefined : 'Background';
  const known = propagations.find((one) => one === said);
  if (known !== undefined) return known;
  const why = `Unsupported value: ${JSON.stringify(said)}: supported values: "Foreground", "Background", "Orphan", "nil"`;
  const cause = { field: 'propagationPolicy', reason: 'FieldValueNotSupported', message: why };
  throw invalid({ kind: 'DeleteOptions', group: '' }, '', [cause]);
}

const propagations: readonly Propagation[] = ['Orphan', 'Background', 'Foreground'];

/** With a body the options in the query count for nothing, as in the real one. */
function optionsOf(call: Call): JsonObject {
  return call.body === ''
    ? {}
    : bodyOf(call, { kind: 'DeleteOptions', apiVersion: versionIn(call.body), shape: 'any' });
}

/** DeleteOptions are accepted in any group's version. */
function versionIn(body: string): string {
  return /"apiVersion"\s*:\s*"([^"]+)"/.exec(body)?.[1] ?? 'v1';
}

function graceOf(call: Call, options: JsonObject): number | null {
  const inQuery = call.body === '' ? call.query.get('gracePeriodSeconds') : null;
  return inQuery === null ? (numberAt(options, 'gracePeriodSeconds') ?? null) : Number(inQuery);
}

function success(resource: Resource, object: KubeObject): JsonObject {
  const { name, uid } = object.metadata;
  const group = resource.group === '' ? {} : { group: resource.group };
  const details = { name, ...group, kind: resource.plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
