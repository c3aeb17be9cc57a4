/** Removes what belonged to something that is gone: all of a namespace, and objects none of whose owners is left. */
import type { Api } from '../call.ts';
import { foregroundFinalizer, orphanFinalizer } from '../commit.ts';
import { type KubeObject, type ObjectMeta, textAt, withMeta } from '../object.ts';
import { namespaces, type Resource } from '../resources.ts';
import { type ControllerWriter, writerAs } from './writer.ts';

/** Writes to what is there now: what a sweep has listed may have been changed by an earlier step of the same sweep. */
function currentWriter(api: Api): Pick<ControllerWriter, 'remove' | 'update'> {
  const write = writerAs(api, 'kube-controller-manager');
  const ifStill = (resource: Resource, object: KubeObject, act: (now: KubeObject) => KubeObject): KubeObject => {
    const now = api.store.get(resource, object.metadata.namespace ?? null, object.metadata.name);
    return now?.metadata.uid === object.metadata.uid ? act(now) : object;
  };
  return {
    remove: (resource, object, graceSeconds) =>
      ifStill(resource, object, (now) => write.remove(resource, now, graceSeconds)),
    update: (resource, object, { metadata }) =>
      ifStill(resource, object, (now) => write.update(resource, now, withMeta(now, metadata as Partial<ObjectMeta>))),
  };
}

type Write = ReturnType<typeof currentWriter>;
type Held = { readonly resource: Resource; readonly object: KubeObject };

/** Goes on until nothing is left to do: what goes takes with it what belonged to it. */
export function collectGarbage(api: Api): void {
  const write = currentWriter(api);
  for (let before = -1; before !== api.store.version(); ) {
    before = api.store.version();
    emptyNamespaces(api, write);
    const all = everythingIn(api, null);
    for (const held of all) {
      const { finalizers = [], deletionTimestamp } = held.object.metadata;
      if (deletionTimestamp === undefined) continue;
      if (finalizers.includes(orphanFinalizer)) orphan(write, held, all);
      else if (finalizers.includes(foregroundFinalizer)) deleteDependents(write, held, all);
    }
    const uids = new Set(all.map(({ object }) => object.metadata.uid));
    for (const { resource, object } of all) if (isOrphan(object, uids)) write.remove(resource, object, null);
  }
}

function emptyNamespaces(api: Api, write: Write): void {
  for (const home of api.store.list(namespaces, null)) {
    if (home.metadata.deletionTimestamp === undefined) continue;
    for (const { resource, object } of everythingIn(api, home.metadata.name)) write.remove(resource, object, null);
    if (everythingIn(api, home.metadata.name).length === 0) api.store.remove(namespaces, home);
  }
}

/** `null`: of all namespaces, and what is in none. */
function everythingIn(api: Api, namespace: string | null): readonly Held[] {
  return api.registry
    .all()
    .filter(({ review, namespaced }) => !review && (namespaced || namespace === null))
    .flatMap((resource) => api.store.list(resource, namespace).map((object) => ({ resource, object })));
}

function isOrphan({ metadata }: KubeObject, uids: ReadonlySet<string>): boolean {
  const owners = metadata.ownerReferences ?? [];
  return owners.length > 0 && !owners.some((owner) => uids.has(textAt(owner, 'uid') ?? ''));
}

function dependentsOf({ metadata: { uid } }: KubeObject, all: readonly Held[]): readonly Held[] {
  return all.filter(({ object }) =>
    (object.metadata.ownerReferences ?? []).some((owner) => textAt(owner, 'uid') === uid),
  );
}

/** Cuts the dependents loose, then lets it go. */
function orphan(write: Write, held: Held, all: readonly Held[]): void {
  for (const { resource, object } of dependentsOf(held.object, all)) {
    const others = (object.metadata.ownerReferences ?? []).filter(
      (owner) => textAt(owner, 'uid') !== held.object.metadata.uid,
    );
    write.update(resource, object, { metadata: { ownerReferences: others } });
  }
  release(write, held, orphanFinalizer);
}

/** Deletes the dependents, and lets it go when they are gone. */
function deleteDependents(write: Write, held: Held, all: readonly Held[]): void {
  const dependents = dependentsOf(held.object, all);
  for (const { resource, object } of dependents) write.remove(resource, object, null);
  if (dependents.length === 0) release(write, held, foregroundFinalizer);
}

function release(write: Write, { resource, object }: Held, finalizer: string): void {
  const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  write.update(resource, object, { metadata: { finalizers } });
}
