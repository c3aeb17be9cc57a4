/** Defaults and validation of CustomResourceDefinitions. */
import { at, type KubeObject, listAt, objectAt, textAt, withMeta } from './object.ts';
import { type Cause, invalidValue, required } from './refusal.ts';

/** Deletion waits until all that it defines is gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export function definitionDefaults(definition: KubeObject): KubeObject {
  const { finalizers = [], deletionTimestamp } = definition.metadata;
  const names = objectAt(definition, 'spec', 'names');
  const kind = textAt(names, 'kind') ?? '';
  const named = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names };
  const spec = { conversion: { strategy: 'None' }, ...objectAt(definition, 'spec'), names: named };
  const isKept = finalizers.includes(cleanupFinalizer) || deletionTimestamp !== undefined;
  return withMeta({ ...definition, spec }, { finalizers: isKept ? finalizers : [...finalizers, cleanupFinalizer] });
}

export function definitionCauses(definition: KubeObject): readonly Cause[] {
  const causes: Cause[] = [];
  const { name } = definition.metadata;
  const wanted = `${textAt(definition, 'spec', 'names', 'plural') ?? ''}.${textAt(definition, 'spec', 'group') ?? ''}`;
  if (name !== wanted) causes.push(invalidValue('metadata.name', name, `must be spec.names.plural+"."+spec.group`));
  const versions = listAt(definition, 'spec', 'versions');
  if (versions.filter((version) => at(version, 'storage') === true).length !== 1) {
    const why = 'must have exactly one version marked as storage version';
    causes.push(invalidValue('spec.versions', [...versions], why));
  }
  versions.forEach((version, index) => {
    if (at(version, 'schema', 'openAPIV3Schema') === undefined)
      causes.push(required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required'));
  });
  const scope = textAt(definition, 'spec', 'scope');
  if (scope === undefined) causes.push(required('spec.scope', ''));
  return causes;
}
