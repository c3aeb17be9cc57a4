import { expect } from 'vitest';
import { mergePatch, type Place, type Row } from './row.ts';

const toThree = { spec: { replicas: 3 } };

function reviewOf(on: Place, attributes: object): { method: string; path: string; body: unknown } {
  const resourceAttributes = {
    namespace: on.client.at.namespace,
    group: 'apps',
    resource: 'deployments',
    ...attributes,
  };
  return {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
  };
}

export const accessRows: readonly Row[] = [
  {
    claim: 'a token that nobody has is not let in',
    async exchange(on) {
      await on.expects(401, { path: on.scale, as: 'nobody' }, 'Unauthorized');
    },
  },
  {
    claim: 'without a token the server says that it lives, and nothing else',
    async exchange(on) {
      expect((await on.expects(200, { path: '/livez', as: 'anonymous' })).body).toBe('ok');
      const { body } = await on.expects(403, { path: on.pods, as: 'anonymous' }, 'Forbidden');
      expect(body.message).toContain('User "system:anonymous" cannot list resource "pods" in API group ""');
    },
  },
  {
    claim: 'a review says what the token may do, and why',
    async exchange(on) {
      const { name } = { name: on.client.at.deployment };
      const { body } = await on.expects(201, reviewOf(on, { verb: 'patch', subresource: 'scale', name }));
      expect(body.status).toMatchObject({ allowed: true });
    },
  },
  {
    claim: 'rights on the scale of one Deployment are rights on nothing else',
    needs: 'limitedToken',
    from: 3,
    async exchange(on) {
      const patch = { method: 'PATCH', body: toThree, type: mergePatch, as: 'limited' as const };
      await on.expects(200, { ...patch, path: on.scale });
      const whole = await on.expects(403, { ...patch, path: on.deployment }, 'Forbidden');
      expect(whole.body.message).toMatch(/cannot patch resource "deployments" in API group "apps" in the namespace/);
      const other = on.scale.replace(`/${on.client.at.deployment}/`, '/another/');
      const refused = await on.expects(403, { ...patch, path: other }, 'Forbidden');
      expect(refused.body.message).toContain('cannot patch resource "deployments/scale"');
    },
  },
  {
    claim: 'a dry run needs the right that the act needs',
    needs: 'limitedToken',
    from: 3,
    async exchange(on) {
      const patch = { method: 'PATCH', body: toThree, type: mergePatch, as: 'limited' as const };
      await on.expects(200, { ...patch, path: `${on.scale}?dryRun=All` });
      await on.expects(403, { ...patch, path: `${on.deployment}?dryRun=All` }, 'Forbidden');
    },
  },
  {
    claim: 'a review tells a limited token what it may not do',
    needs: 'limitedToken',
    async exchange(on) {
      const name = on.client.at.deployment;
      const asked = { ...reviewOf(on, { verb: 'patch', subresource: 'scale', name }), as: 'limited' as const };
      expect((await on.expects(201, asked)).body.status.allowed).toBe(true);
      const denied = { ...reviewOf(on, { verb: 'delete', name }), as: 'limited' as const };
      expect((await on.expects(201, denied)).body.status.allowed).toBe(false);
    },
  },
  {
    claim: 'a ServiceAccount gets tokens, and they may do what its Roles say',
    async exchange(on) {
      const { namespace } = on.client.at;
      const name = 'conformance';
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      const rbacKind = (kind: string): object => ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind,
        metadata: { name },
      });
      const made: readonly (readonly [string, object])[] = [
        [accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }],
        [`${rbac}/roles`, { ...rbacKind('Role'), rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] }],
        [
          `${rbac}/rolebindings`,
          {
            ...rbacKind('RoleBinding'),
            subjects: [{ kind: 'ServiceAccount', name, namespace }],
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
          },
        ],
      ];
      for (const [path, body] of made) await on.expects(201, { method: 'POST', path, body });
      const request = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 600 },
      };
      const { body } = await on.expects(201, { method: 'POST', path: `${accounts}/${name}/token`, body: request });
      expect(body.status).toMatchObject({ token: expect.any(String), expirationTimestamp: expect.any(String) });
      for (const [path] of made) await on.expects(200, { method: 'DELETE', path: `${path}/${name}` });
    },
  },
];
