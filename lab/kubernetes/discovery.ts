/** What the API says about itself: groups, resources, version, and as much OpenAPI as clients ask before they write. */
import type { Json, JsonObject } from '../../contract/json.ts';
import { groupVersion, type Resource } from './resources.ts';

export const version: JsonObject = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3-lab',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'lab/loopback',
};

/** The answer for a path that is no resource; `undefined` for one that is not served. */
export function discovered(path: string, served: readonly Resource[]): JsonObject | undefined {
  if (path === '/version') return version;
  if (path === '/api') {
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  }
  if (path === '/apis')
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames(served).map((name) => groupOf(name, served)) };
  if (path === '/openapi/v2') return openapi2;
  if (path === '/openapi/v3')
    return {
      paths: Object.fromEntries(groupPaths(served).map((at) => [at, { serverRelativeURL: `/openapi/v3/${at}` }])),
    };
  const [, described] = /^\/openapi\/v3\/(.+)$/.exec(path) ?? [];
  if (described !== undefined) return groupPaths(served).includes(described) ? openapi3(described, served) : undefined;
  const [, groupPath] = /^\/(apis?\/.+)$/.exec(path) ?? [];
  if (groupPath === undefined) return undefined;
  if (groupPaths(served).includes(groupPath)) return resourceList(groupPath, served);
  const group = groupPath.slice('apis/'.length);
  return groupNames(served).includes(group)
    ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, served) }
    : undefined;
}

function groupNames(served: readonly Resource[]): readonly string[] {
  return [...new Set(served.map(({ group }) => group))].filter((group) => group !== '');
}

/** `api/v1`, `apis/apps/v1`. */
function pathOf(resource: Resource): string {
  return resource.group === '' ? `api/${resource.version}` : `apis/${groupVersion(resource)}`;
}

function groupPaths(served: readonly Resource[]): readonly string[] {
  return [...new Set(served.map(pathOf))];
}

function groupOf(name: string, served: readonly Resource[]): JsonObject {
  const versions = [...new Set(served.filter(({ group }) => group === name).map(({ version: one }) => one))].map(
    (one) => ({
      groupVersion: `${name}/${one}`,
      version: one,
    }),
  );
  return { name, versions, preferredVersion: versions[0] ?? null };
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function resourceList(groupPath: string, served: readonly Resource[]): JsonObject {
  const listed = served.filter((resource) => pathOf(resource) === groupPath);
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupPath.replace(/^apis?\//, ''),
    resources: listed.flatMap((resource): Json[] => [
      entryOf(resource),
      ...resource.subresources.map((sub) => subEntry(resource, sub)),
    ]),
  };
}

function entryOf(resource: Resource): JsonObject {
  return {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: resource.review ? ['create'] : verbs,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(['pods', 'services', 'deployments', 'replicasets', 'statefulsets', 'jobs'].includes(resource.plural)
      ? { categories: ['all'] }
      : {}),
  };
}

function subEntry(resource: Resource, subresource: string): JsonObject {
  const common = { name: `${resource.plural}/${subresource}`, singularName: '', namespaced: resource.namespaced };
  if (subresource === 'scale') {
    return { ...common, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] };
  }
  if (subresource === 'token') {
    return { ...common, group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] };
  }
  if (subresource === 'eviction') {
    return { ...common, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] };
  }
  return { ...common, kind: resource.kind, verbs: ['get', 'patch', 'update'] };
}

const openapi2: JsonObject = {
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'v1.36.3-lab' },
  paths: {},
  definitions: {},
};

/** Enough for a client to learn that the server validates fields itself, so that it need not. */
function openapi3(groupPath: string, all: readonly Resource[]): JsonObject {
  const served = all.filter((resource) => pathOf(resource) === groupPath && !resource.review);
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: name === 'force' ? 'boolean' : 'string' },
  }));
  const paths = served.map((resource) => {
    const home = resource.namespaced ? `/${groupPath}/namespaces/{namespace}` : `/${groupPath}`;
    const kind = { group: resource.group, version: resource.version, kind: resource.kind };
    const patch = { 'x-kubernetes-action': 'patch', 'x-kubernetes-group-version-kind': kind, parameters };
    return [`${home}/${resource.plural}/{name}`, { patch }];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.3-lab' },
    paths: Object.fromEntries(paths),
    components: { schemas: {} },
  };
}
