/** What a restorer in a cluster may do, and what nobody may give it. */
import { expect } from 'vitest';
import { bindingBody, pathsOf, type Rule, roleBody, tokenOf, withAccount } from './account.ts';
import { changed, eventually, mergePatch, type Place, type Row } from './row.ts';

const name = 'conformance-account';
const annotated = { metadata: { annotations: { 'conformance.test/beat': '1' } } };

function lease(on: Place, leaseName: string): object {
  const metadata = { name: leaseName, namespace: on.client.at.namespace };
  const spec = { holderIdentity: 'a', leaseDurationSeconds: 2 };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
}

function rulesFor(deployment: string): readonly Rule[] {
  const resourceNames = [deployment];
  return [
    { apiGroups: ['apps'], resources: ['deployments'], resourceNames, verbs: ['get', 'patch'] },
    { apiGroups: ['apps'], resources: ['deployments/scale'], resourceNames, verbs: ['get', 'update'] },
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      resourceNames: ['conformance'],
      verbs: ['get', 'update', 'patch'],
    },
  ];
}

export const accountRows: readonly Row[] = [
  {
    claim: 'a token of a ServiceAccount may do what its Role names, on those names only',
    from: 3,
    async exchange(on) {
      for (const one of ['conformance', 'conformance-other']) {
        await on.expects(201, { method: 'POST', path: on.leases, body: lease(on, one) });
      }
      await withAccount(on, name, rulesFor(on.client.at.deployment), async (as) => {
        await on.expects(200, { path: on.scale, as });
        await changed(on, on.scale, (scale) => ({ method: 'PUT', path: on.scale, body: scale, as }));
        const patch = { method: 'PATCH', type: mergePatch, body: annotated, as };
        await on.expects(403, { ...patch, path: on.scale, body: { spec: { replicas: 3 } } }, 'Forbidden');
        await on.expects(200, { ...patch, path: on.deployment });
        await on.expects(200, { ...patch, path: `${on.leases}/conformance` });
        const other = await on.expects(403, { ...patch, path: `${on.leases}/conformance-other` }, 'Forbidden');
        const user = `system:serviceaccount:${on.client.at.namespace}:${name}`;
        expect(other.body.message).toContain(`User "${user}" cannot patch resource "leases" in API group`);
        await on.expects(403, { path: on.leases, as }, 'Forbidden');
        await on.expects(403, { method: 'POST', path: on.leases, body: lease(on, 'third'), as }, 'Forbidden');
        await on.expects(403, { method: 'DELETE', path: `${on.leases}/conformance`, as }, 'Forbidden');
      });
      for (const one of ['conformance', 'conformance-other']) {
        await on.expects(200, { method: 'DELETE', path: `${on.leases}/${one}` });
      }
    },
  },
  {
    claim: 'a token says in itself whose it is and how long it holds',
    async exchange(on) {
      await withAccount(on, name, [], async () => {
        const { token } = await tokenOf(on, name);
        const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
        const { namespace } = on.client.at;
        expect(claims).toMatchObject({
          sub: `system:serviceaccount:${namespace}:${name}`,
          'kubernetes.io': { namespace, serviceaccount: { name } },
        });
        expect(claims.exp - claims.iat).toBe(600);
        const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 60 } };
        const path = `${pathsOf(on).accounts}/${name}/token`;
        await on.expects(422, { method: 'POST', path, body }, 'Invalid');
      });
    },
  },
  {
    claim: 'nobody gives by a Role what they do not have, nor binds such a Role',
    async exchange(on) {
      const { roles, bindings } = pathsOf(on);
      const makers: Rule = {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['roles', 'rolebindings'],
        verbs: ['create', 'delete'],
      };
      const held: Rule = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
      const less: Rule = { ...held, verbs: ['list'], resourceNames: ['one'] };
      const more: Rule = { ...held, verbs: ['list', 'delete'] };
      await on.expects(201, { method: 'POST', path: roles, body: roleBody('conformance-more', [more]) });
      await withAccount(on, name, [makers, held], async (as) => {
        const make = (path: string, body: object) => ({ method: 'POST', path, body, as });
        await on.expects(201, make(roles, roleBody('conformance-less', [less])));
        const refused = await on.expects(403, make(roles, roleBody('conformance-refused', [more])), 'Forbidden');
        expect(refused.body.message).toContain('is attempting to grant RBAC permissions not currently held:');
        expect(refused.body.message).toContain('{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}');
        await on.expects(201, make(bindings, bindingBody(on, 'conformance-less', 'conformance-less', name)));
        await on.expects(
          403,
          make(bindings, bindingBody(on, 'conformance-more', 'conformance-more', name)),
          'Forbidden',
        );
      });
      await on.expects(200, { method: 'DELETE', path: `${bindings}/conformance-less` });
      for (const role of ['conformance-less', 'conformance-more']) {
        await on.expects(200, { method: 'DELETE', path: `${roles}/${role}` });
      }
    },
  },
  {
    claim: 'a token is worth nothing without its Role',
    async exchange(on) {
      const list: Rule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] };
      const { bindings } = pathsOf(on);
      await withAccount(on, name, [list], async (as) => {
        await on.expects(200, { path: on.pods, as });
        await on.expects(200, { method: 'DELETE', path: `${bindings}/${name}` });
        await eventually(on, { path: on.pods, as }, ({ code }) => code === 403);
        await on.expects(201, { method: 'POST', path: bindings, body: bindingBody(on, name, name) });
      });
    },
  },
];
