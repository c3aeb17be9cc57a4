/** Nobody grants what they do not hold: what a Role or a RoleBinding would give is compared with its writer's own rights. */
import type { JsonObject } from '../../contract/json.ts';
import { type Identity, type Rule, rulesInRole } from './access.ts';
import type { Api, Call, Target } from './call.ts';
import { type KubeObject, textAt } from './object.ts';
import { forbidden, notFound } from './refusal.ts';
import { roleBindings, roles } from './resources.ts';

/** Refuses a Role or RoleBinding, about to be written by `call`, that gives more than its writer has. */
export function checkEscalation(api: Api, call: Call, { resource, namespace }: Target, written: JsonObject): void {
  const { user } = call;
  if (user.rules === 'all' || (resource !== roles && resource !== roleBindings)) return;
  const name = textAt(written, 'metadata', 'name') ?? '';
  const verb = resource === roles ? 'escalate' : 'bind';
  const about = resource === roles ? name : (textAt(written, 'roleRef', 'name') ?? '');
  const { group, plural } = roles;
  const to = { verb, group, resource: plural, subresource: '', namespace: namespace ?? '', name: about };
  if (api.access.allowed(user, to) !== null) return;
  const given = resource === roles ? rulesInRole(written as KubeObject) : rulesOfRole(api, namespace, about);
  const missing = given.flatMap(single).filter((rule) => !holds(api, user, namespace ?? '', rule));
  if (missing.length === 0) return;
  const why = `user ${JSON.stringify(user.user)} (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:`;
  throw forbidden(resource, name, [why, ...missing.map(shown)].join('\n'));
}

function rulesOfRole(api: Api, namespace: string | null, name: string): readonly Rule[] {
  const role = api.store.get(roles, namespace, name);
  if (role === undefined) throw notFound(roles, name);
  return rulesInRole(role);
}

/** One rule for each verb, group, resource and name. */
function single({ apiGroups, resources, verbs, resourceNames }: Rule): readonly Rule[] {
  const names = resourceNames ?? [undefined];
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({
          apiGroups: [group],
          resources: [resource],
          verbs: [verb],
          ...(name === undefined ? {} : { resourceNames: [name] }),
        })),
      ),
    ),
  );
}

function holds(api: Api, user: Identity, namespace: string, wanted: Rule): boolean {
  return api.access.rulesOf(user, namespace).some((own) => coversRule(own, wanted));
}

function coversRule(own: Rule, wanted: Rule): boolean {
  const has = (list: readonly string[], wants: readonly string[]): boolean =>
    list.includes('*') || wants.every((one) => list.includes(one));
  const [resource = ''] = wanted.resources;
  const [, subresource] = resource.split('/');
  return (
    has(own.verbs, wanted.verbs) &&
    has(own.apiGroups, wanted.apiGroups) &&
    (has(own.resources, wanted.resources) ||
      (subresource !== undefined && own.resources.includes(`*/${subresource}`))) &&
    (own.resourceNames === undefined ||
      (wanted.resourceNames?.every((one) => own.resourceNames?.includes(one)) ?? false))
  );
}

/** As the real one writes it: `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`. */
function shown({ apiGroups, resources, resourceNames, verbs }: Rule): string {
  const part = (title: string, list: readonly string[] | undefined): readonly string[] =>
    list === undefined ? [] : [`${title}:[${list.map((one) => JSON.stringify(one)).join(', ')}]`];
  const parts = [
    ...part('APIGroups', apiGroups),
    ...part('Resources', resources),
    ...part('ResourceNames', resourceNames),
    ...part('Verbs', verbs),
  ];
  return `{${parts.join(', ')}}`;
}
