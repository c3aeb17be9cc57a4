/** A ServiceAccount with a Role of its own, for rows on what its token may do. */
import type { Answer, Caller } from './client.ts';
import { eventually, type Place } from './row.ts';

export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
};

export type Paths = { readonly accounts: string; readonly roles: string; readonly bindings: string };

export function pathsOf({ client }: Place): Paths {
  const { namespace } = client.at;
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  return {
    accounts: `/api/v1/namespaces/${namespace}/serviceaccounts`,
    roles: `${rbac}/roles`,
    bindings: `${rbac}/rolebindings`,
  };
}

const rbacGroup = 'rbac.authorization.k8s.io';

export function roleBody(name: string, rules: readonly Rule[]): object {
  return { apiVersion: `${rbacGroup}/v1`, kind: 'Role', metadata: { name }, rules };
}

export function bindingBody(on: Place, name: string, role: string, account = name): object {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: 'RoleBinding',
    metadata: { name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: on.client.at.namespace }],
    roleRef: { apiGroup: rbacGroup, kind: 'Role', name: role },
  };
}

export async function tokenOf(on: Place, name: string): Promise<{ readonly token: string }> {
  const spec = { expirationSeconds: 600 };
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const path = `${pathsOf(on).accounts}/${name}/token`;
  return { token: (await on.expects(201, { method: 'POST', path, body })).body.status.token };
}

/** Makes account, Role and RoleBinding, runs, and takes them away again. */
export async function withAccount(
  on: Place,
  name: string,
  rules: readonly Rule[],
  run: (as: Caller) => Promise<void>,
): Promise<void> {
  const { accounts, roles, bindings } = pathsOf(on);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
  await on.expects(201, { method: 'POST', path: accounts, body: account });
  await on.expects(201, { method: 'POST', path: roles, body: roleBody(name, rules) });
  await on.expects(201, { method: 'POST', path: bindings, body: bindingBody(on, name, name) });
  const as = await tokenOf(on, name);
  // An authoriser learns of new Roles a moment after they are there.
  const allowed = ({ body }: Answer): boolean => body.status?.allowed === true;
  for (const rule of rules) await eventually(on, { ...reviewOf(on, rule), as }, allowed);
  await run(as);
  for (const path of [bindings, roles, accounts]) {
    await on.expects(200, { method: 'DELETE', path: `${path}/${name}` });
  }
}

function reviewOf(on: Place, rule: Rule): { method: string; path: string; body: object } {
  const [resource = '', subresource] = (rule.resources[0] ?? '').split('/');
  const resourceAttributes = {
    namespace: on.client.at.namespace,
    verb: rule.verbs[0],
    group: rule.apiGroups[0],
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(rule.resourceNames === undefined ? {} : { name: rule.resourceNames[0] }),
  };
  return {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
  };
}
