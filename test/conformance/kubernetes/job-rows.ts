/** Jobs, and what goes when its owner goes. */
import { expect } from 'vitest';
import type { Answer } from './client.ts';
import { eventually, mergePatch, type Place, type Row } from './row.ts';

function jobsOf(on: Place): string {
  return `/apis/batch/v1/namespaces/${on.client.at.namespace}/jobs`;
}

function jobBody(name: string, { spec = {}, metadata = {}, restartPolicy = 'OnFailure' } = {}): object {
  const container = { name: 'main', image: 'lab/none', args: ['--version'] };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...metadata },
    spec: {
      backoffLimit: 1_000,
      ...spec,
      template: { spec: { nodeName: 'kwok-0', restartPolicy, containers: [container] } },
    },
  };
}

function podsOfJob(on: Place, name: string): string {
  return `${on.pods}?labelSelector=job-name%3D${name}`;
}

const hasPods =
  (count: number) =>
  ({ body }: Answer): boolean =>
    body.items?.length === count;
const isGone = ({ code }: Answer): boolean => code === 404;

async function madeJob(on: Place, name: string, more: Parameters<typeof jobBody>[1] = {}): Promise<Answer> {
  const made = await on.expects(201, { method: 'POST', path: jobsOf(on), body: jobBody(name, more) });
  await eventually(on, { path: podsOfJob(on, name) }, hasPods(1));
  return made;
}

async function removePods(on: Place, name: string): Promise<void> {
  const { body } = await on.expects(200, { path: podsOfJob(on, name) });
  for (const { metadata } of body.items) {
    // Held by whoever counted it; nobody does any more.
    const path = `${on.pods}/${metadata.name}`;
    await on.client.ask({ method: 'PATCH', path, type: mergePatch, body: { metadata: { finalizers: null } } });
    await on.client.ask({ method: 'DELETE', path: `${path}?gracePeriodSeconds=0` });
  }
  await eventually(on, { path: podsOfJob(on, name) }, hasPods(0));
}

export const jobRows: readonly Row[] = [
  {
    claim: 'a Job makes a pod that carries its name and belongs to it',
    async exchange(on) {
      const { body } = await madeJob(on, 'conformance-one');
      expect(body.spec).toMatchObject({ completions: 1, parallelism: 1, backoffLimit: 1_000 });
      expect(body.spec.selector.matchLabels).toEqual({ 'batch.kubernetes.io/controller-uid': body.metadata.uid });
      const [pod] = (await on.expects(200, { path: podsOfJob(on, 'conformance-one') })).body.items;
      expect(pod.metadata.name).toMatch(/^conformance-one-[a-z0-9]{5}$/);
      expect(pod.metadata.labels).toMatchObject({
        'batch.kubernetes.io/job-name': 'conformance-one',
        'batch.kubernetes.io/controller-uid': body.metadata.uid,
      });
      expect(pod.metadata.ownerReferences).toMatchObject([
        { apiVersion: 'batch/v1', kind: 'Job', name: 'conformance-one', uid: body.metadata.uid, controller: true },
      ]);
      expect(pod.spec).toMatchObject({ restartPolicy: 'OnFailure', containers: [{ args: ['--version'] }] });
      const path = `${jobsOf(on)}/conformance-one`;
      const { body: seen } = await eventually(on, { path }, (now) => now.body.status?.startTime !== undefined);
      expect(seen.status).toMatchObject({ startTime: expect.any(String), uncountedTerminatedPods: {} });
      await on.expects(200, { method: 'DELETE', path: `${path}?propagationPolicy=Background` });
      await eventually(on, { path: podsOfJob(on, 'conformance-one') }, hasPods(0));
    },
  },
  {
    claim: 'a Job says which restart policies it takes, and its template stays as it is',
    async exchange(on) {
      const path = jobsOf(on);
      const always = jobBody('conformance-always', { restartPolicy: 'Always' });
      const refused = await on.expects(422, { method: 'POST', path, body: always }, 'Invalid');
      expect(refused.body.details.causes[0].field).toBe('spec.template.spec.restartPolicy');
      expect(refused.body.message).toContain('Required value: valid values: "OnFailure", "Never"');
      await madeJob(on, 'conformance-fixed');
      const body = { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } } };
      const patch = { method: 'PATCH', path: `${path}/conformance-fixed`, type: mergePatch, body };
      expect((await on.expects(422, patch, 'Invalid')).body.message).toContain('field is immutable');
      const deletion = { method: 'DELETE', path: `${path}/conformance-fixed?propagationPolicy=Background` };
      await on.expects(200, deletion);
      await eventually(on, { path: podsOfJob(on, 'conformance-fixed') }, hasPods(0));
    },
  },
  {
    claim: 'a Job that is deleted without a word leaves its pods, and the server warns of it',
    async exchange(on) {
      await madeJob(on, 'conformance-left');
      const path = `${jobsOf(on)}/conformance-left`;
      const { headers } = await on.expects(200, { method: 'DELETE', path });
      expect(headers['warning']).toContain('child pods are preserved by default when jobs are deleted');
      await eventually(on, { path }, isGone);
      const ownerless = ({ body }: Answer): boolean =>
        body.items.length === 1 && (body.items[0].metadata.ownerReferences ?? []).length === 0;
      await eventually(on, { path: podsOfJob(on, 'conformance-left') }, ownerless);
      await removePods(on, 'conformance-left');
    },
  },
  {
    claim: 'a deletion in the foreground lets a Job go after its pods',
    async exchange(on) {
      await madeJob(on, 'conformance-foreground');
      const path = `${jobsOf(on)}/conformance-foreground`;
      const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
      const { body } = await on.expects(200, { method: 'DELETE', path, body: options });
      expect(body.metadata.finalizers).toContain('foregroundDeletion');
      await eventually(on, { path }, isGone);
      await eventually(on, { path: podsOfJob(on, 'conformance-foreground') }, hasPods(0));
      const unknown = { ...options, propagationPolicy: 'Sideways' };
      await on.expects(422, { method: 'DELETE', path: `${on.leases}/conformance`, body: unknown }, 'Invalid');
    },
  },
  {
    claim: 'what belongs to a Lease goes when the Lease goes, and the pods of its Job too',
    async exchange(on) {
      const { namespace } = on.client.at;
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'conformance-owner' },
        spec: { holderIdentity: 'a', leaseDurationSeconds: 2 },
      };
      const { uid } = (await on.expects(201, { method: 'POST', path: on.leases, body: lease })).body.metadata;
      const owner = { apiVersion: lease.apiVersion, kind: 'Lease', name: 'conformance-owner', uid };
      const metadata = { ownerReferences: [owner] };
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      const account = {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'conformance-owned', ...metadata },
      };
      await on.expects(201, { method: 'POST', path: accounts, body: account });
      await madeJob(on, 'conformance-owned', { metadata });
      await on.expects(200, { method: 'DELETE', path: `${on.leases}/conformance-owner` });
      await eventually(on, { path: `${jobsOf(on)}/conformance-owned` }, isGone);
      await eventually(on, { path: `${accounts}/conformance-owned` }, isGone);
      await eventually(on, { path: podsOfJob(on, 'conformance-owned') }, hasPods(0));
    },
  },
  {
    claim: 'a Secret keeps text as base64, stays as it is where it says so, and goes with the Lease that it belongs to',
    async exchange(on) {
      const metadata = { name: 'conformance-told' };
      const spec = { holderIdentity: 'a', leaseDurationSeconds: 2 };
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      const { uid } = (await on.expects(201, { method: 'POST', path: on.leases, body: lease })).body.metadata;
      const home = `/api/v1/namespaces/${on.client.at.namespace}/secrets`;
      const ownerReferences = [{ apiVersion: lease.apiVersion, kind: 'Lease', name: metadata.name, uid }];
      const given = { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, ownerReferences }, immutable: true };
      const secret = { ...given, stringData: { 'notify.json': '{"to":"you"}' } };
      const { body: made } = await on.expects(201, { method: 'POST', path: home, body: secret });
      const data = { 'notify.json': 'eyJ0byI6InlvdSJ9' };
      expect(made).toMatchObject({ type: 'Opaque', immutable: true, data });
      expect(made.stringData).toBeUndefined();
      const path = `${home}/${metadata.name}`;
      expect((await on.expects(200, { path })).body).toMatchObject({ data });
      await on.expects(409, { method: 'POST', path: home, body: secret }, 'AlreadyExists');
      const other = { method: 'PATCH', path, type: mergePatch, body: { stringData: { 'notify.json': 'x' } } };
      const refused = await on.expects(422, other, 'Invalid');
      expect(refused.body.details.causes).toMatchObject([{ field: 'data', reason: 'FieldValueForbidden' }]);
      expect(refused.body.message).toContain('field is immutable when `immutable` is set');
      await on.expects(200, { method: 'DELETE', path: `${on.leases}/${metadata.name}` });
      await eventually(on, { path }, isGone);
    },
  },
  {
    claim: 'a Secret is deleted by its name, and is gone then',
    async exchange(on) {
      const home = `/api/v1/namespaces/${on.client.at.namespace}/secrets`;
      const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'conformance-secret' }, data: { a: 'Yg==' } };
      await on.expects(201, { method: 'POST', path: home, body });
      const path = `${home}/conformance-secret`;
      const { body: answered } = await on.expects(200, { method: 'DELETE', path });
      expect(answered).toMatchObject({ kind: 'Status', status: 'Success', details: { kind: 'secrets' } });
      await on.expects(404, { path }, 'NotFound');
      const bad = { ...body, data: { 'a b': 'Yg==' } };
      const refused = await on.expects(422, { method: 'POST', path: home, body: bad }, 'Invalid');
      expect(refused.body.details.causes).toMatchObject([{ field: 'data[a b]', reason: 'FieldValueInvalid' }]);
    },
  },
  {
    claim: 'what belongs to nobody that ever was does not stay',
    async exchange(on) {
      const uid = '11111111-2222-4333-8444-555555555555';
      const owner = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'conformance-never', uid };
      const metadata = { name: 'conformance-stray', ownerReferences: [owner] };
      const path = `/api/v1/namespaces/${on.client.at.namespace}/configmaps`;
      await on.expects(201, { method: 'POST', path, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata } });
      await eventually(on, { path: `${path}/conformance-stray` }, isGone);
    },
  },
];
