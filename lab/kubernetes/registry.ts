/** What a cluster serves: what every cluster does, and what its CustomResourceDefinitions add while they are there. */
import { at, type KubeObject, listAt, same, textAt } from './object.ts';
import { definitions, type Resource, resource, resources, type ScalePaths, type Subresource } from './resources.ts';
import type { Store } from './store.ts';

export type Registry = {
  /** Those of CustomResourceDefinitions last. */
  all(): readonly Resource[];
  find(group: string, version: string, plural: string): Resource | undefined;
};

export function registryOf(store: Store): Registry {
  const defined = new Map<string, { readonly definition: KubeObject; readonly served: readonly Resource[] }>();
  store.subscribe(({ resource: changed, type, object }) => {
    if (changed !== definitions) return;
    const { uid } = object.metadata;
    if (type === 'DELETED') defined.delete(uid);
    // A status update makes no other resource: watches know theirs by identity.
    else if (!same(at(defined.get(uid)?.definition, 'spec'), at(object, 'spec')))
      defined.set(uid, { definition: object, served: resourcesOf(object) });
  });
  const all = (): readonly Resource[] =>
    defined.size === 0 ? resources : [...resources, ...[...defined.values()].flatMap(({ served }) => served)];
  return {
    all,
    find: (group, version, plural) =>
      all().find((one) => one.group === group && one.version === version && one.plural === plural),
  };
}

/** One resource for each version that it serves. */
export function resourcesOf(definition: KubeObject): readonly Resource[] {
  const kind = textAt(definition, 'spec', 'names', 'kind') ?? '';
  return listAt(definition, 'spec', 'versions')
    .filter((version) => at(version, 'served') === true)
    .map((version) =>
      resource({
        group: textAt(definition, 'spec', 'group') ?? '',
        version: textAt(version, 'name') ?? '',
        plural: textAt(definition, 'spec', 'names', 'plural') ?? '',
        kind,
        singular: textAt(definition, 'spec', 'names', 'singular') ?? kind.toLowerCase(),
        shortNames: listAt(definition, 'spec', 'names', 'shortNames').map(String),
        namespaced: textAt(definition, 'spec', 'scope') !== 'Cluster',
        subresources: (['scale', 'status'] as const).filter(
          (name: Subresource) => at(version, 'subresources', name) !== undefined,
        ),
        generation: true,
        unconditionalUpdate: false,
        custom: true,
        shape: 'any',
        scale: scalePathsIn(version),
      }),
    );
}

function scalePathsIn(version: KubeObject[string]): ScalePaths {
  const steps = (name: string): readonly string[] =>
    (textAt(version, 'subresources', 'scale', name) ?? '').split('.').filter((step) => step !== '');
  return {
    replicas: steps('specReplicasPath'),
    status: steps('statusReplicasPath'),
    selector: steps('labelSelectorPath'),
  };
}
