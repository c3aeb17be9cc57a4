/** Objects that own replicas, as the API has them: found by discovery, changed by compare-and-set. */
import { leaseNameOf, resourceOf, type Written, workloadName } from '../../cluster.ts';
import { fieldManager } from '../../faults/scale-to-zero/undo.ts';
import type { Change, Listed, ObjectRef, ObjectState, Objects } from '../../objects.ts';
import { sentenceOf, Trouble } from '../../trouble.ts';
import { bodyOf } from './answers.ts';
import type { Place } from './cluster.ts';
import { type Discovery, mustServe, type Served } from './discovery.ts';
import { fieldsOf, listOf, textOf } from './objects.ts';
import type { Transport } from './transport.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const managed = { 'app.kubernetes.io/managed-by': 'blackstart' };

export function reconcilers(place: Place, api: Transport, kinds: Discovery): Objects {
  const { context, namespace: home } = place;

  async function read(ref: ObjectRef, served: Served, signal: AbortSignal): Promise<ObjectState | null> {
    const answer = await api.send({ method: 'GET', path: pathOf(served, ref) }, signal);
    if (answer.status === 404) return null;
    return stateOf(ref, bodyOf(answer, called(ref)));
  }

  function called({ group, resource, namespace, name }: ObjectRef): string {
    return `${resource}${group === '' ? '' : `.${group}`} ${name} in ${context}/${namespace ?? ''}`;
  }

  /** Made by a drill that had no answer to its call: as good as made now. */
  async function make(path: string, body: object, asked: string, signal: AbortSignal): Promise<void> {
    const answer = await api.send({ method: 'POST', path, body }, signal);
    if (answer.status !== 409) bodyOf(answer, asked);
  }

  return {
    async whole(workload, signal) {
      const name = resourceOf(workload.kind);
      const served = await mustServe(kinds, context, name, signal);
      const found = await read({ ...name, namespace: home, name: workload.name }, served, signal);
      if (found !== null) return found;
      throw new Trouble('missing', `${workloadName(workload)} in ${context}/${home}: there is none (404)`);
    },
    async object(ref, signal) {
      const served = await kinds.served(ref, signal);
      return served === null ? null : read(ref, served, signal);
    },
    async objects(listed, signal) {
      try {
        const served = await kinds.served(listed, signal);
        if (served === null) return { status: 'not-served' };
        const answer = await api.send({ method: 'GET', path: listPath(served, listed) }, signal);
        if (answer.status === 404) return { status: 'not-served' };
        const body = bodyOf(answer, `${listed.resource} in ${context}/${listed.namespace ?? '*'}`);
        const objects = listOf(body['items']).map((item) => listedState(listed, served, fieldsOf(item)));
        return { status: 'found', objects };
      } catch (error) {
        if (!(error instanceof Trouble && error.kind === 'forbidden')) throw error;
        return { status: 'forbidden', because: sentenceOf(error) };
      }
    },
    async change(at, changes, { dryRun }, signal) {
      const served = await mustServe(kinds, context, at.ref, signal);
      const query = `fieldManager=${fieldManager}${dryRun ? '&dryRun=All' : ''}`;
      const body = patchOf(at, changes);
      const contentType = 'application/merge-patch+json';
      const path = `${pathOf(served, at.ref)}?${query}`;
      const answer = await api.send({ method: 'PATCH', path, body, contentType }, signal);
      return written(answer.status, () => bodyOf(answer, called(at.ref)));
    },
    async grant(namespace, drill, rules, signal) {
      const name = leaseNameOf(drill);
      const base = `/apis/${rbac}/namespaces/${namespace}`;
      const metadata = { name, namespace, labels: managed };
      const role = { apiVersion: rbac, kind: 'Role', metadata, rules: rules.map(ruleOf) };
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
      const subjects = [{ kind: 'ServiceAccount', name, namespace: home }];
      const binding = { apiVersion: rbac, kind: 'RoleBinding', metadata, roleRef, subjects };
      await make(`${base}/roles`, role, `Role ${name} in ${context}/${namespace}`, signal);
      await make(`${base}/rolebindings`, binding, `RoleBinding ${name} in ${context}/${namespace}`, signal);
    },
    async revoke(namespace, drill, signal) {
      const name = leaseNameOf(drill);
      for (const part of ['rolebindings', 'roles']) {
        const path = `/apis/${rbac}/namespaces/${namespace}/${part}/${name}`;
        const answer = await api.send({ method: 'DELETE', path }, signal);
        if (answer.status !== 404) bodyOf(answer, `${part} ${name} in ${context}/${namespace}`);
      }
    },
  };
}

function pathOf({ base }: Served, { namespace, resource, name }: ObjectRef): string {
  return `${base}${namespace === null ? '' : `/namespaces/${namespace}`}/${resource}/${name}`;
}

function listPath({ base, namespaced }: Served, { namespace, resource, label, fields, limit }: Listed): string {
  const query = new URLSearchParams();
  if (label !== undefined) query.set('labelSelector', label);
  if (fields !== undefined) query.set('fieldSelector', fields);
  if (limit !== undefined) query.set('limit', String(limit));
  const home = namespace === null || !namespaced ? base : `${base}/namespaces/${namespace}`;
  return `${home}/${resource}${query.size === 0 ? '' : `?${query}`}`;
}

function stateOf(ref: ObjectRef, body: ObjectState['body']): ObjectState {
  const metadata = fieldsOf(body['metadata']);
  return { ref, uid: textOf(metadata['uid']), version: textOf(metadata['resourceVersion']), body };
}

/** Items of a list leave out what they are. */
function listedState({ group, resource }: Listed, served: Served, item: ObjectState['body']): ObjectState {
  const metadata = fieldsOf(item['metadata']);
  const namespace = served.namespaced ? textOf(metadata['namespace']) : null;
  const ref = { group, resource, namespace, name: textOf(metadata['name']) };
  return stateOf(ref, { ...item, apiVersion: served.apiVersion, kind: served.kind });
}

function patchOf(at: ObjectState, changes: readonly Change[]): object {
  const patch: Patch = { metadata: { uid: at.uid, resourceVersion: at.version } };
  for (const { path, value } of changes) {
    let inner = patch;
    for (const step of path.slice(0, -1)) {
      inner[step] ??= {};
      inner = inner[step] as Patch;
    }
    inner[path.at(-1) ?? ''] = value;
  }
  return patch;
}
type Patch = { [key: string]: unknown };

function ruleOf({ group, resources, verbs, names }: Parameters<Objects['grant']>[2][number]): object {
  return { apiGroups: [group], resources, verbs, ...(names.length === 0 ? {} : { resourceNames: names }) };
}

/** 409 says that nothing was written, and 404 that there is nothing left to write to. */
function written(status: number, body: () => Readonly<Record<string, unknown>>): Written {
  if (status === 409 || status === 404) return { written: false };
  return { written: true, version: textOf(fieldsOf(body()['metadata'])['resourceVersion']) };
}
