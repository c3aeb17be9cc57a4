import { expect } from 'vitest';
import type { Asked, Body } from './client.ts';
import {
  applyPatch,
  changed,
  jsonPatch,
  mergePatch,
  type Place,
  podsOfDeployment,
  type Row,
  readyEndpoints,
  strategicMergePatch,
  until,
} from './row.ts';

function patchScale(
  on: Place,
  type: string,
  body: unknown,
  query = '',
): { method: string; path: string; body: unknown; type: string } {
  return { method: 'PATCH', path: `${on.scale}${query}`, body, type };
}

const toTwo = { spec: { replicas: 2 } };

export const scaleRows: readonly Row[] = [
  {
    claim: 'a Scale says what is wanted, what is, and how the pods are selected',
    from: 3,
    async exchange(on) {
      const { body } = await on.expects(200, { path: on.scale });
      expect(body).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 3 } });
      expect(body.status).toEqual({ replicas: 3, selector: `app=${on.client.at.deployment}` });
      expect(Object.keys(body.metadata)).toEqual(
        expect.arrayContaining(['name', 'namespace', 'uid', 'resourceVersion']),
      );
    },
  },
  {
    claim: 'the spec of a Scale at zero is empty, the spec of its Deployment is not',
    from: 0,
    async exchange(on) {
      const scale = (await on.expects(200, { path: on.scale })).body;
      expect(scale.spec).toEqual({});
      expect(scale.status.replicas).toBe(0);
      const deployment = (await on.expects(200, { path: on.deployment })).body;
      expect(deployment.spec.replicas).toBe(0);
      for (const count of ['replicas', 'readyReplicas', 'availableReplicas'])
        expect(deployment.status).not.toHaveProperty(count);
    },
  },
  {
    claim: 'no JSON patch can test for zero replicas of a Scale',
    from: 0,
    async exchange(on) {
      const body = [
        { op: 'test', path: '/spec/replicas', value: 0 },
        { op: 'replace', path: '/spec/replicas', value: 3 },
      ];
      const { body: status } = await on.expects(422, patchScale(on, jsonPatch, body), 'Invalid');
      expect(status.message).toBe('the server rejected our request due to an error in our request');
    },
  },
  {
    claim: 'from zero, a JSON patch that tests the version sets replicas, also with replace',
    from: 0,
    async exchange(on) {
      const body = (value: string): unknown => [
        { op: 'test', path: '/metadata/resourceVersion', value },
        { op: 'replace', path: '/spec/replicas', value: 2 },
      ];
      await on.expects(422, patchScale(on, jsonPatch, body('1')), 'Invalid');
      const toRead = (read: Body): Asked => patchScale(on, jsonPatch, body(read.metadata.resourceVersion));
      const [, { body: scale }] = await changed(on, on.scale, toRead);
      expect(scale.spec.replicas).toBe(2);
    },
  },
  {
    claim: 'a merge patch and a strategic merge patch set replicas',
    from: 3,
    async exchange(on) {
      expect((await on.expects(200, patchScale(on, mergePatch, toTwo))).body.spec).toEqual({ replicas: 2 });
      expect((await on.expects(200, patchScale(on, strategicMergePatch, { spec: { replicas: 3 } }))).body.spec).toEqual(
        { replicas: 3 },
      );
    },
  },
  {
    claim: 'a server-side apply sets replicas, and needs a field manager',
    from: 3,
    async exchange(on) {
      const config = {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: on.client.at.deployment },
        ...toTwo,
      };
      const { namespace } = on.client.at;
      const body = { ...config, metadata: { ...config.metadata, namespace } };
      await on.expects(200, patchScale(on, applyPatch, body, '?fieldManager=conformance&force=true'));
      const { body: status } = await on.client.ask(patchScale(on, applyPatch, body));
      expect(status.code).toBeGreaterThanOrEqual(400);
    },
  },
  {
    claim: 'a JSON patch whose test holds is applied, one whose test does not is refused as a whole',
    from: 3,
    async exchange(on) {
      const body = (value: number): unknown => [
        { op: 'test', path: '/spec/replicas', value },
        { op: 'replace', path: '/spec/replicas', value: 2 },
      ];
      await on.expects(422, patchScale(on, jsonPatch, body(7)), 'Invalid');
      expect((await on.expects(200, { path: on.scale })).body.spec.replicas).toBe(3);
      expect((await on.expects(200, patchScale(on, jsonPatch, body(3)))).body.spec.replicas).toBe(2);
    },
  },
  {
    claim: 'a patch that is plain JSON is of no known type',
    async exchange(on) {
      await on.expects(415, patchScale(on, 'application/json', toTwo), 'UnsupportedMediaType');
    },
  },
  {
    claim: 'replicas cannot be negative',
    from: 3,
    async exchange(on) {
      const { body } = await on.expects(422, patchScale(on, mergePatch, { spec: { replicas: -1 } }), 'Invalid');
      expect(body.details.causes[0].field).toBe('spec.replicas');
      expect(body.message).toContain('must be greater than or equal to 0');
    },
  },
  {
    claim: 'an unknown field is left out with a warning, or refused when validation is strict',
    from: 3,
    async exchange(on) {
      const body = { spec: { replicas: 3, replicaz: 1 } };
      await on.expects(422, patchScale(on, mergePatch, body, '?fieldValidation=Strict'), 'Invalid');
      const lenient = await on.expects(200, patchScale(on, mergePatch, body));
      expect(String(lenient.headers['warning'])).toContain('unknown field');
      expect(lenient.body.spec).toEqual({ replicas: 3 });
    },
  },
  {
    claim: 'a merge patch made from another version is a conflict',
    from: 3,
    async exchange(on) {
      const stale = { metadata: { resourceVersion: '1' }, spec: { replicas: 0 } };
      const { body } = await on.expects(409, patchScale(on, mergePatch, stale), 'Conflict');
      expect(body.message).toContain('the object has been modified; please apply your changes to the latest version');
      expect(body.details).toMatchObject({ group: 'apps', kind: 'deployments', name: on.client.at.deployment });
      await changed(on, on.scale, ({ metadata: { resourceVersion } }) =>
        patchScale(on, mergePatch, { metadata: { resourceVersion }, ...toTwo }),
      );
    },
  },
  {
    claim: 'a PUT of the Scale as it was read is accepted once',
    from: 3,
    async exchange(on) {
      const put = (scale: Body): Asked => ({
        method: 'PUT',
        path: on.scale,
        body: { ...scale, spec: { replicas: 2 } },
      });
      const [read, { body: scale }] = await changed(on, on.scale, put);
      expect(scale.spec.replicas).toBe(2);
      await on.expects(409, put(read), 'Conflict');
    },
  },
  {
    claim: 'a dry run shows what would be, and changes nothing',
    from: 3,
    async exchange(on) {
      const { body } = await on.expects(200, patchScale(on, mergePatch, { spec: { replicas: 0 } }, '?dryRun=All'));
      expect(body.spec).toEqual({});
      expect((await on.expects(200, { path: on.scale })).body.spec.replicas).toBe(3);
      await on.expects(422, patchScale(on, mergePatch, toTwo, '?dryRun=Some'), 'Invalid');
    },
  },
  {
    claim: 'who scaled is kept with the Deployment',
    from: 3,
    async exchange(on) {
      await on.expects(200, patchScale(on, mergePatch, toTwo, '?fieldManager=somebody-else'));
      const { managedFields } = (await on.expects(200, { path: on.deployment })).body.metadata;
      const owners = managedFields.filter((entry: { fieldsV1: object }) =>
        JSON.stringify(entry.fieldsV1).includes('"f:replicas"'),
      );
      expect(owners).toContainEqual(
        expect.objectContaining({ manager: 'somebody-else', operation: 'Update', subresource: 'scale' }),
      );
    },
  },
  {
    claim: 'at zero the ready endpoints and then the pods are gone, and all come back',
    from: 3,
    async exchange(on) {
      const slices = `${on.slices}?labelSelector=kubernetes.io%2Fservice-name%3D${on.client.at.deployment}`;
      await until(on, slices, (list) => readyEndpoints(list) === 3);
      await on.expects(200, patchScale(on, mergePatch, { spec: { replicas: 0 } }));
      await until(on, slices, (list) => readyEndpoints(list) === 0);
      await until(on, podsOfDeployment(on), (list) => list.items.length === 0);
      await until(on, slices, (list) => list.items.every((slice: Body) => slice.endpoints === null));
      await on.expects(200, patchScale(on, mergePatch, { spec: { replicas: 3 } }));
      await until(on, slices, (list) => readyEndpoints(list) === 3);
    },
  },
  {
    claim: 'an autoscaler undoes one replica and leaves none alone',
    needs: 'autoscales',
    from: 3,
    async exchange(on) {
      const path = `/apis/autoscaling/v2/namespaces/${on.client.at.namespace}/horizontalpodautoscalers`;
      const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: on.client.at.deployment };
      const cpu = {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
      };
      const spec = { scaleTargetRef, minReplicas: 2, maxReplicas: 5, metrics: [cpu] };
      const kind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };
      await on.expects(201, { method: 'POST', path, body: { ...kind, metadata: { name: 'conformance' }, spec } });
      await on.expects(200, patchScale(on, mergePatch, { spec: { replicas: 1 } }));
      await until(on, on.deployment, (deployment) => deployment.spec.replicas === 2);
      await on.expects(200, patchScale(on, mergePatch, { spec: { replicas: 0 } }));
      const active = await until(on, `${path}/conformance`, (autoscaler) =>
        JSON.stringify(autoscaler).includes('ScalingDisabled'),
      );
      expect(active.status.conditions).toContainEqual(
        expect.objectContaining({
          type: 'ScalingActive',
          status: 'False',
          message: 'scaling is disabled since the replica count of the target is zero',
        }),
      );
      expect((await on.expects(200, { path: on.scale })).body.spec).toEqual({});
      await on.expects(200, { method: 'DELETE', path: `${path}/conformance` });
    },
  },
];
