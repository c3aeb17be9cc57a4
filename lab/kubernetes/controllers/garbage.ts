/** Removes what belonged to something that is gone: all of a namespace, and objects none of whose owners is left. */
import type { Api } from '../call.ts';
import { type KubeObject, textAt } from '../object.ts';
import { namespaces, pods, type Resource, resources } from '../resources.ts';
import { writerAs } from './writer.ts';

const kept = resources.filter(({ review }) => !review);
const housed = kept.filter(({ namespaced }) => namespaced);

export function collectGarbage(api: Api): void {
  const write = writerAs(api, 'kube-controller-manager');
  for (const home of api.store.list(namespaces, null)) {
    if (home.metadata.deletionTimestamp === undefined) continue;
    const contents = housed.flatMap((resource) =>
      api.store.list(resource, home.metadata.name).map((object) => ({ resource, object })),
    );
    for (const { resource, object } of contents) write.remove(resource, object, null);
    const isEmpty = housed.every((resource) => api.store.list(resource, home.metadata.name).length === 0);
    if (isEmpty) api.store.remove(namespaces, home);
  }
  const uids = new Set(kept.flatMap((resource) => api.store.list(resource, null).map(({ metadata }) => metadata.uid)));
  for (const { resource, object } of orphans(api, uids)) write.remove(resource, object, null);
}

/** Pods are left to the Deployment controller, which ends them with its own reasons. */
function orphans(api: Api, uids: ReadonlySet<string>): readonly { resource: Resource; object: KubeObject }[] {
  return housed
    .filter((resource) => resource !== pods)
    .flatMap((resource) => api.store.list(resource, null).map((object) => ({ resource, object })))
    .filter(({ object }) => {
      const owners = object.metadata.ownerReferences ?? [];
      return owners.length > 0 && !owners.some((owner) => uids.has(textAt(owner, 'uid') ?? ''));
    });
}
