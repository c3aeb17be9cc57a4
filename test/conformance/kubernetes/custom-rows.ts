/** Custom resources: served while they are defined, and scaled where their definition says. */
import { expect } from 'vitest';
import { customResource } from '../../fakes/custom-resources.ts';
import { withAccount } from './account.ts';
import type { Answer, Body } from './client.ts';
import { eventually, mergePatch, type Place, type Row, strategicMergePatch } from './row.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const group = 'conformance.test';
const widgets = customResource(
  { group, version: 'v1', plural: 'widgets', kind: 'Widget' },
  { replicas: '.spec.copies', status: '.status.copies', selector: '.status.selector' },
);

function homeOf(on: Place): string {
  return `/apis/${group}/v1/namespaces/${on.client.at.namespace}/widgets`;
}

function widget(name: string, spec: object): object {
  return { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec };
}

async function withWidgets(on: Place, run: (home: string) => Promise<void>): Promise<void> {
  await on.expects(201, { method: 'POST', path: definitions, body: widgets });
  const path = `${definitions}/widgets.${group}`;
  const isEstablished = ({ body }: Answer): boolean =>
    (body.status?.conditions ?? []).some(({ type, status }: Body) => type === 'Established' && status === 'True');
  await eventually(on, { path }, isEstablished);
  await eventually(on, { path: homeOf(on) }, ({ code }) => code === 200);
  try {
    await run(homeOf(on));
  } finally {
    await on.client.ask({ method: 'DELETE', path });
  }
  await eventually(on, { path }, ({ code }) => code === 404);
  await eventually(on, { path: homeOf(on) }, ({ code }) => code === 404);
}

export const customRows: readonly Row[] = [
  {
    claim: 'a resource is served while it is defined, and discovered',
    async exchange(on) {
      expect((await on.client.ask({ path: homeOf(on) })).code).toBe(404);
      await withWidgets(on, async (home) => {
        const found = await eventually(on, { path: `/apis/${group}/v1` }, ({ code }) => code === 200);
        expect(found.body.resources.map(({ name }: Body) => name).toSorted()).toEqual([
          'widgets',
          'widgets/scale',
          'widgets/status',
        ]);
        const { body } = await on.expects(201, { method: 'POST', path: home, body: widget('one', { copies: 3 }) });
        expect(body).toMatchObject({ kind: 'Widget', spec: { copies: 3 }, metadata: { generation: 1 } });
        expect((await on.expects(200, { path: home })).body).toMatchObject({
          kind: 'WidgetList',
          items: [{ kind: 'Widget', spec: { copies: 3 } }],
        });
      });
    },
  },
  {
    claim: 'a custom resource is patched and replaced by version like any other, but not by strategy',
    async exchange(on) {
      await withWidgets(on, async (home) => {
        await on.expects(201, { method: 'POST', path: home, body: widget('one', { copies: 3 }) });
        const path = `${home}/one`;
        const patch = { method: 'PATCH', path, body: { spec: { paused: true } } };
        const { body } = await on.expects(200, { ...patch, type: mergePatch });
        expect(body).toMatchObject({ spec: { copies: 3, paused: true }, metadata: { generation: 2 } });
        await on.expects(415, { ...patch, type: strategicMergePatch });
        const stale = { ...body, metadata: { ...body.metadata, resourceVersion: '1' } };
        await on.expects(409, { method: 'PUT', path, body: stale }, 'Conflict');
        await on.expects(422, { method: 'PUT', path, body: widget('one', {}) }, 'Invalid');
        await on.expects(200, { method: 'DELETE', path });
      });
    },
  },
  {
    claim: 'the scale of a custom resource is where its definition says, by compare-and-set',
    async exchange(on) {
      await withWidgets(on, async (home) => {
        const { metadata } = (await on.expects(201, { method: 'POST', path: home, body: widget('one', { copies: 3 }) }))
          .body;
        const scale = `${home}/one/scale`;
        const status = { status: { copies: 2, selector: 'app=one' } };
        await on.expects(200, { method: 'PATCH', path: `${home}/one/status`, body: status, type: mergePatch });
        const { body } = await on.expects(200, { path: scale });
        expect(body).toMatchObject({
          kind: 'Scale',
          apiVersion: 'autoscaling/v1',
          metadata: { name: 'one', uid: metadata.uid },
          spec: { replicas: 3 },
          status: { replicas: 2, selector: 'app=one' },
        });
        const toZero = { ...body, spec: { replicas: 0 } };
        expect((await on.expects(200, { method: 'PUT', path: scale, body: toZero })).body.spec).toEqual({});
        await on.expects(409, { method: 'PUT', path: scale, body: toZero }, 'Conflict');
        const after = (await on.expects(200, { path: `${home}/one` })).body;
        expect(after).toMatchObject({ spec: { copies: 0 }, metadata: { generation: 2 } });
        await on.expects(200, { method: 'PATCH', path: scale, body: { spec: { replicas: 1 } }, type: mergePatch });
        await on.expects(201, { method: 'POST', path: home, body: widget('two', {}) });
        await on.expects(500, { path: `${home}/two/scale` }, 'InternalError');
      });
    },
  },
  {
    claim: 'rights on the scale of one custom resource are rights on that',
    async exchange(on) {
      await withWidgets(on, async (home) => {
        for (const name of ['one', 'two']) {
          await on.expects(201, { method: 'POST', path: home, body: widget(name, { copies: 3 }) });
        }
        const rule = { apiGroups: [group], resources: ['widgets/scale'], resourceNames: ['one'], verbs: ['get'] };
        await withAccount(on, 'conformance-widgets', [rule], async (as) => {
          await on.expects(200, { path: `${home}/one/scale`, as });
          await on.expects(403, { path: `${home}/two/scale`, as }, 'Forbidden');
          await on.expects(403, { path: `${home}/one`, as }, 'Forbidden');
        });
      });
    },
  },
];
