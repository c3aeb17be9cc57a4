/** Says of CustomResourceDefinitions that they are served, and empties those that are being deleted. */
import { type Api, nowStamp } from '../call.ts';
import { type KubeObject, listAt, objectAt, textAt } from '../object.ts';
import { resourcesOf } from '../registry.ts';
import { definitions } from '../resources.ts';
import { cleanupFinalizer } from '../validate-definition.ts';
import { writerAs } from './writer.ts';

export function reconcileDefinitions(api: Api): void {
  const write = writerAs(api, 'kube-apiserver');
  for (const definition of api.store.list(definitions, null)) {
    if (definition.metadata.deletionTimestamp !== undefined) empty(api, definition);
    else if (listAt(definition, 'status', 'conditions').length === 0)
      write.setStatus(definitions, definition, statusOf(api, definition));
  }
}

function statusOf(api: Api, definition: KubeObject) {
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    lastTransitionTime: nowStamp(api),
    reason,
    message,
  });
  const stored = listAt(definition, 'spec', 'versions').flatMap((version) =>
    (version as { storage?: unknown }).storage === true ? [textAt(version, 'name') ?? ''] : [],
  );
  return {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: objectAt(definition, 'spec', 'names'),
    storedVersions: stored,
  };
}

function empty(api: Api, definition: KubeObject): void {
  const write = writerAs(api, 'kube-apiserver');
  const [resource] = resourcesOf(definition);
  if (resource !== undefined) {
    for (const object of api.store.list(resource, null)) write.remove(resource, object, null);
    if (api.store.list(resource, null).length > 0) return;
  }
  const finalizers = (definition.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer);
  write.update(definitions, definition, { metadata: { ...definition.metadata, finalizers } });
}
