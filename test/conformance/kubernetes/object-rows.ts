import { expect } from 'vitest';
import type { Asked, Body } from './client.ts';
import { changed, eventually, jsonPatch, mergePatch, type Place, podsOfDeployment, type Row } from './row.ts';

const renewTime = '2026-11-21T09:00:00.000000Z';

function lease(holderIdentity: string, metadata: object = {}): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'conformance', ...metadata },
    spec: { holderIdentity, leaseDurationSeconds: 2, acquireTime: renewTime, renewTime, leaseTransitions: 0 },
  };
}

async function withLease(on: Place, run: (resourceVersion: string, uid: string) => Promise<void>): Promise<void> {
  const { body } = await on.expects(201, { method: 'POST', path: on.leases, body: lease('a') });
  await run(body.metadata.resourceVersion, body.metadata.uid);
  await on.expects(200, { method: 'DELETE', path: `${on.leases}/conformance` });
}

export const objectRows: readonly Row[] = [
  {
    claim: 'a Lease is created once, and renewed only from the version that was read',
    async exchange(on) {
      const path = `${on.leases}/conformance`;
      await withLease(on, async (resourceVersion) => {
        const second = await on.expects(409, { method: 'POST', path: on.leases, body: lease('b') }, 'AlreadyExists');
        expect(second.body.details).toMatchObject({
          name: 'conformance',
          group: 'coordination.k8s.io',
          kind: 'leases',
        });
        await on.expects(200, { method: 'PUT', path, body: lease('c', { resourceVersion }) });
        await on.expects(409, { method: 'PUT', path, body: lease('d', { resourceVersion }) }, 'Conflict');
        expect((await on.expects(200, { path })).body.spec).toMatchObject({ holderIdentity: 'c', renewTime });
      });
      await on.expects(404, { path }, 'NotFound');
    },
  },
  {
    claim: 'a Lease cannot be overwritten without saying from which version',
    async exchange(on) {
      await withLease(on, async () => {
        await on.expects(422, { method: 'PUT', path: `${on.leases}/conformance`, body: lease('b') }, 'Invalid');
      });
    },
  },
  {
    claim: 'a PUT creates a Lease that is not there, but none in the place of another uid',
    async exchange(on) {
      const path = `${on.leases}/conformance`;
      let gone = '';
      await withLease(on, async (_version, uid) => {
        gone = uid;
      });
      await on.expects(409, { method: 'PUT', path, body: lease('b', { uid: gone, resourceVersion: '1' }) }, 'Conflict');
      await on.expects(201, { method: 'PUT', path, body: lease('b') });
      await on.expects(200, { method: 'DELETE', path });
    },
  },
  {
    claim: 'a time of a Lease has six digits behind the second, and its duration is over zero',
    async exchange(on) {
      const spec = { holderIdentity: 'a', leaseDurationSeconds: 2 };
      const short = { ...lease('a'), spec: { ...spec, renewTime: '2026-11-21T09:00:00.000Z' } };
      await on.expects(400, { method: 'POST', path: on.leases, body: short }, 'BadRequest');
      const never = { ...lease('a'), spec: { ...spec, leaseDurationSeconds: 0 } };
      const { body } = await on.expects(422, { method: 'POST', path: on.leases, body: never }, 'Invalid');
      expect(body.details.causes[0].field).toBe('spec.leaseDurationSeconds');
    },
  },
  {
    claim: 'what is deleted can be named by its uid and version',
    async exchange(on) {
      const path = `${on.leases}/conformance`;
      await withLease(on, async (resourceVersion, uid) => {
        const options = { apiVersion: 'v1', kind: 'DeleteOptions' };
        const stale = { ...options, preconditions: { uid, resourceVersion: '1' } };
        await on.expects(409, { method: 'DELETE', path, body: stale }, 'Conflict');
        const right = { ...options, preconditions: { uid, resourceVersion }, dryRun: ['All'] };
        await on.expects(200, { method: 'DELETE', path, body: right });
        await on.expects(200, { method: 'DELETE', path: `${path}?dryRun=All` });
        await on.expects(200, { path });
      });
    },
  },
  {
    claim: 'an annotation is written by compare-and-set, and counts as a new generation of a Deployment',
    from: 3,
    async exchange(on) {
      const patch = { method: 'PATCH', path: on.deployment, type: mergePatch };
      const annotations = { 'conformance.test/note': '{"a":1}' };
      const noted = ({ metadata: { resourceVersion } }: Body): Asked => ({
        ...patch,
        body: { metadata: { resourceVersion, annotations } },
      });
      const [read, { body }] = await changed(on, on.deployment, noted);
      expect(body.metadata).toMatchObject({ generation: read.metadata.generation + 1, annotations });
      await on.expects(409, noted(read), 'Conflict');
      const removal = { metadata: { annotations: { 'conformance.test/note': null } } };
      const after = await on.expects(200, { ...patch, body: removal });
      expect(after.body.metadata.annotations ?? {}).not.toHaveProperty(['conformance.test/note']);
    },
  },
  {
    claim: 'a JSON patch on a Deployment tests annotation and replicas at once, zero included',
    from: 0,
    async exchange(on) {
      const note = '/metadata/annotations/conformance.test~1note';
      const patch = { method: 'PATCH', path: on.deployment, type: jsonPatch };
      await on.expects(200, { ...patch, body: [{ op: 'add', path: note, value: 'armed' }] });
      const restore = [
        { op: 'test', path: note, value: 'armed' },
        { op: 'test', path: '/spec/replicas', value: 0 },
        { op: 'replace', path: '/spec/replicas', value: 1 },
        { op: 'remove', path: note },
      ];
      expect((await on.expects(200, { ...patch, body: restore })).body.spec.replicas).toBe(1);
      await on.expects(422, { ...patch, body: restore }, 'Invalid');
    },
  },
  {
    claim: 'a write that changes nothing makes no new version',
    async exchange(on) {
      await withLease(on, async (resourceVersion) => {
        const body = { spec: { holderIdentity: 'a' } };
        const same = await on.expects(200, {
          method: 'PATCH',
          path: `${on.leases}/conformance`,
          body,
          type: mergePatch,
        });
        expect(same.body.metadata.resourceVersion).toBe(resourceVersion);
      });
    },
  },
  {
    claim: 'what is not there is not found, by a Status that names it',
    async exchange(on) {
      const { body } = await on.expects(404, { path: on.deployment.replace(/[^/]+$/, 'nobody') }, 'NotFound');
      expect(body.details).toMatchObject({ name: 'nobody', group: 'apps', kind: 'deployments' });
      expect(body.message).toBe('deployments.apps "nobody" not found');
      const elsewhere = on.leases.replace(`/${on.client.at.namespace}/`, '/nowhere/');
      const created = await on.expects(404, { method: 'POST', path: elsewhere, body: lease('a') }, 'NotFound');
      expect(created.body.message).toBe('namespaces "nowhere" not found');
    },
  },
  {
    claim: 'lists are selected by label and by name, and read in pages',
    from: 3,
    async exchange(on) {
      const all = (await on.expects(200, { path: podsOfDeployment(on) })).body;
      expect(all.kind).toBe('PodList');
      expect(all.items).toHaveLength(3);
      const name = all.items[1].metadata.name;
      const one = (await on.expects(200, { path: `${on.pods}?fieldSelector=metadata.name%3D${name}` })).body;
      expect(one.items.map((pod: { metadata: { name: string } }) => pod.metadata.name)).toEqual([name]);
      await on.expects(400, { path: `${on.pods}?fieldSelector=spec.nonsense%3D1` }, 'BadRequest');
      const first = (await on.expects(200, { path: `${podsOfDeployment(on)}&limit=2` })).body;
      expect(first.items).toHaveLength(2);
      const rest = `${podsOfDeployment(on)}&limit=2&continue=${encodeURIComponent(first.metadata.continue)}`;
      expect((await on.expects(200, { path: rest })).body.items).toHaveLength(1);
      await on.expects(400, { path: `${on.pods}?continue=bad` }, 'BadRequest');
    },
  },
  {
    claim: 'a client that asks for a table gets rows',
    from: 3,
    async exchange(on) {
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
      const { body } = await on.expects(200, { path: on.deployment, accept });
      expect(body.kind).toBe('Table');
      expect(body.columnDefinitions.map((column: { name: string }) => column.name).slice(0, 3)).toEqual([
        'Name',
        'Ready',
        'Up-to-date',
      ]);
      expect(body.rows[0].cells.slice(0, 4)).toEqual([on.client.at.deployment, '3/3', 3, 3]);
    },
  },
  {
    claim: 'a budget limits evictions, and scaling does not ask it',
    needs: 'slowPods',
    from: 3,
    async exchange(on) {
      const { namespace, deployment } = on.client.at;
      const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
      const spec = { minAvailable: 2, selector: { matchLabels: { app: deployment } } };
      const body = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'conformance' }, spec };
      await on.expects(201, { method: 'POST', path: budgets, body });
      // Until its controller has counted, a budget allows nothing.
      await eventually(on, { path: `${budgets}/conformance` }, (now) => now.body.status?.disruptionsAllowed === 1);
      const names = (await on.expects(200, { path: podsOfDeployment(on) })).body.items.map(
        (pod: { metadata: { name: string } }) => pod.metadata.name,
      );
      const evict = (name: string) => ({
        method: 'POST',
        path: `${on.pods}/${name}/eviction`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
      });
      // At once: one after the other, a busy machine may have a replacement ready in between.
      const both = await Promise.all([on.client.ask(evict(names[0])), on.client.ask(evict(names[1]))]);
      expect(both.map(({ code }) => code).toSorted()).toEqual([201, 429]);
      const refused = both.find(({ code }) => code === 429);
      expect(refused?.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'TooManyRequests' });
      expect(refused?.body.message).toBe("Cannot evict pod as it would violate the pod's disruption budget.");
      const toZero = { method: 'PATCH', path: on.scale, body: { spec: { replicas: 0 } }, type: mergePatch };
      await on.expects(200, toZero);
      await on.expects(200, { method: 'DELETE', path: `${budgets}/conformance` });
    },
  },
];
