/** From a path to what it means. */
import type { Target } from './call.ts';
import type { Registry } from './registry.ts';
import { namespaces, type Resource, type Subresource } from './resources.ts';

/** `undefined` for a path that leads to no resource. */
export function targetOf(path: string, { find }: Pick<Registry, 'find'>): Target | undefined {
  const steps = path.split('/').slice(1).map(decodeURIComponent);
  const [root, ...rest] = steps;
  if (root === 'api') return targetIn('', rest.slice(1), (plural) => find('', rest[0] ?? '', plural));
  const [group = '', version = '', ...inner] = rest;
  if (root === 'apis') return targetIn(group, inner, (plural) => find(group, version, plural));
  return undefined;
}

function targetIn(
  group: string,
  steps: readonly string[],
  find: (plural: string) => Resource | undefined,
): Target | undefined {
  const isNamespaced = steps[0] === 'namespaces' && steps.length > 2 && !isNamespaceSubresource(group, steps[2]);
  const namespace = isNamespaced ? (steps[1] ?? null) : null;
  const [plural = '', name = null, subresource = null, ...more] = isNamespaced ? steps.slice(2) : steps;
  const resource = find(plural);
  if (resource === undefined || more.length > 0 || name === '') return undefined;
  if (resource.namespaced ? name !== null && namespace === null : namespace !== null) return undefined;
  if (subresource !== null && !isSubresource(resource, subresource)) return undefined;
  return { resource, namespace, name, subresource };
}

function isNamespaceSubresource(group: string, step: string | undefined): boolean {
  return group === '' && (namespaces.subresources as readonly (string | undefined)[]).includes(step);
}

function isSubresource(resource: Resource, step: string): step is Subresource {
  return (resource.subresources as readonly string[]).includes(step);
}
