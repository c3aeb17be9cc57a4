/** The rights that a drill lacks, and the least Role that gives them. */
import type { Right } from '../../cluster.ts';
import type { Finding } from '../finding.ts';
import type { ClusterFacts } from './facts.ts';

/** What is read beside what is changed: to see pods go, what drills left, and who else writes to replicas. */
export const readingRights: readonly Right[] = [
  reading('discovery.k8s.io', 'endpointslices', 'list'),
  reading('discovery.k8s.io', 'endpointslices', 'watch'),
  reading('coordination.k8s.io', 'leases', 'list'),
  reading('apps', 'deployments', 'list'),
  reading('apps', 'statefulsets', 'list'),
  reading('autoscaling', 'horizontalpodautoscalers', 'list'),
  reading('policy', 'poddisruptionbudgets', 'list'),
];

function reading(group: string, resource: string, verb: 'list' | 'watch'): Right {
  return { group, resource, verb, subresource: null, name: null };
}

export function missingRights({ region, plan, rights, drills, user }: ClusterFacts): readonly Finding[] {
  const missing = rights.filter(({ allowed }) => !allowed).map(({ right }) => right);
  if (missing.length === 0) return [];
  const shown = missing.slice(0, 4).map(rightInWords);
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : '';
  return [
    {
      rule: 'cluster.rights',
      level: drills.length > 0 ? 'problem' : 'advice',
      about: `${region}: ${plan.context}/${plan.namespace}`,
      dark: null,
      share: null,
      says: `${user ?? 'the identity of this kubeconfig'} lacks ${missing.length} of ${rights.length} rights that a drill of ${region} needs: ${shown.join(', ')}${more}`,
      remedy: `apply the Role and the RoleBinding printed for ${plan.context}`,
    },
  ];
}

/** `patch deployments.apps/agent-api`, `update deployments.apps/agent-api --subresource=scale`: as kubectl auth can-i has it. */
function rightInWords({ verb, group, resource, subresource, name, namespace }: Right): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${name === null ? '' : `/${name}`}`;
  const part = subresource === null ? '' : ` --subresource=${subresource}`;
  return `${verb} ${what}${part}${namespace === undefined ? '' : ` -n ${namespace}`}`;
}

const roleName = 'blackstart-drill';

/** A Role and its binding for each namespace in which rights are missing; `null` where none are. */
export function leastRoles({ plan, rights, user }: ClusterFacts): string | null {
  const missing = rights.filter(({ allowed }) => !allowed).map(({ right }) => right);
  const places = [...Map.groupBy(missing, (right) => right.namespace ?? plan.namespace)];
  if (places.length === 0) return null;
  return places.map(([namespace, own]) => `${roleIn(namespace, own)}---\n${bindingIn(namespace, user)}`).join('---\n');
}

function roleIn(namespace: string, missing: readonly Right[]): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: ${roleName}, namespace: ${quoted(namespace)} }
rules:
${rulesOf(missing).join('\n')}
`;
}

/** One rule for all resources of a group and name that need the same verbs. */
function rulesOf(missing: readonly Right[]): readonly string[] {
  const perResource = [
    ...Map.groupBy(missing, ({ group, resource, subresource, name }) =>
      JSON.stringify([group, resource, subresource, name]),
    ).values(),
  ];
  const entries = perResource.flatMap((rights) => {
    const [right] = rights;
    if (right === undefined) return [];
    const { group, resource, subresource, name } = right;
    const verbs = [...new Set(rights.map(({ verb }) => verb))];
    return [{ group, name, verbs, resource: subresource === null ? resource : `${resource}/${subresource}` }];
  });
  const merged = Map.groupBy(entries, ({ group, name, verbs }) => JSON.stringify([group, name, verbs]));
  return [...merged.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const names = first.name === null ? '' : `, resourceNames: [${quoted(first.name)}]`;
    const resources = same.map(({ resource }) => resource).join(', ');
    return [
      `  - { apiGroups: [${quoted(first.group)}], resources: [${resources}]${names}, verbs: [${first.verbs.join(', ')}] }`,
    ];
  });
}

function bindingIn(namespace: string, user: string | null): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: ${roleName}, namespace: ${quoted(namespace)} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${roleName} }
subjects:
  - ${subjectOf(user)}
`;
}

/** The cluster that does not tell who asks leaves that to the reader. */
function subjectOf(user: string | null): string {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user ?? '') ?? [];
  if (namespace !== undefined && name !== undefined) {
    return `{ kind: ServiceAccount, name: ${quoted(name)}, namespace: ${quoted(namespace)} }`;
  }
  return `{ kind: User, apiGroup: rbac.authorization.k8s.io, name: ${user === null ? 'WHO-RUNS-DRILLS' : quoted(user)} }`;
}

/** JSON is YAML, and safe for any name. */
function quoted(text: string): string {
  return /^[a-z][a-z0-9.-]*$/.test(text) &&
    !['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n'].includes(text)
    ? text
    : JSON.stringify(text);
}
