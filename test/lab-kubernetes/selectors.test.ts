import { describe, expect, test } from 'vitest';
import { ageOf } from '../../lab/kubernetes/columns.ts';
import type { KubeObject } from '../../lab/kubernetes/object.ts';
import { fromProtobuf } from '../../lab/kubernetes/protobuf.ts';
import { registryOf } from '../../lab/kubernetes/registry.ts';
import { pods } from '../../lab/kubernetes/resources.ts';
import { targetOf } from '../../lab/kubernetes/route.ts';
import { fieldSelector, labelSelector } from '../../lab/kubernetes/selectors.ts';
import { objectStore } from '../../lab/kubernetes/store.ts';

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'a',
    namespace: 'n',
    uid: '',
    resourceVersion: '',
    creationTimestamp: '',
    labels: { app: 'web', 'x.io/tier': 'front' },
  },
  status: { phase: 'Running' },
};

const registry = registryOf(objectStore(10));

describe('a label selector', () => {
  test.each([
    ['app=web', true],
    ['app==web', true],
    ['app=other', false],
    ['app!=other', true],
    ['nothing!=x', true],
    ['app in (web, api)', true],
    ['app in (api)', false],
    ['app notin (api)', true],
    ['nothing notin (api)', true],
    ['x.io/tier', true],
    ['!x.io/tier', false],
    ['!nothing', true],
    ['app=web,x.io/tier in (front),!nothing', true],
    ['app=web,x.io/tier=back', false],
  ])('%s selects: %s', (text, selected) => {
    expect(labelSelector(text)(pod)).toBe(selected);
  });

  test('that cannot be read is refused', () => {
    expect(() => labelSelector('app in web')).toThrow('unable to parse requirement');
  });
});

describe('a field selector', () => {
  test.each([
    ['metadata.name=a', true],
    ['metadata.name!=a', false],
    ['status.phase=Running,metadata.namespace=n', true],
    ['spec.nodeName=x', false],
  ])('%s selects: %s', (text, selected) => {
    expect(fieldSelector(pods, text)(pod)).toBe(selected);
  });
});

describe('a path', () => {
  test.each([
    ['/api/v1/namespaces/n/pods/a', 'pods n a null'],
    ['/api/v1/pods', 'pods null null null'],
    ['/api/v1/namespaces/n', 'namespaces null n null'],
    ['/api/v1/namespaces/n/status', 'namespaces null n status'],
    ['/apis/apps/v1/namespaces/n/deployments/a/scale', 'deployments n a scale'],
    ['/apis/coordination.k8s.io/v1/namespaces/n/leases', 'leases n null null'],
  ])('%s leads to %s', (path, expected) => {
    const target = targetOf(path, registry);
    expect(`${target?.resource.plural} ${target?.namespace} ${target?.name} ${target?.subresource}`).toBe(expected);
  });

  test.each([
    '/apis/apps/v1',
    '/apis/apps/v2/deployments',
    '/api/v1/pods/a',
    '/apis/apps/v1/namespaces/n/deployments/a/log',
    '/metrics',
  ])('%s leads nowhere', (path) => {
    expect(targetOf(path, registry)).toBeUndefined();
  });
});

describe('an age', () => {
  const since = '2026-01-01T00:00:00Z';
  test.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [305, '5m5s'],
    [3_600, '60m'],
    [4 * 3_600, '4h'],
    [5 * 3_600 + 60, '5h1m'],
    [30 * 3_600, '30h'],
    [75 * 3_600, '3d3h'],
    [20 * 86_400, '20d'],
  ])('of %s seconds reads %s', (seconds, text) => {
    expect(ageOf(since, Date.parse(since) + seconds * 1_000)).toBe(text);
  });
});

describe('protobuf', () => {
  // Length-delimited fields: a tag byte, a length byte, the bytes.
  const field = (number: number, content: Buffer | string): Buffer => {
    const bytes = Buffer.from(content);
    return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  };
  const object = (kind: string, raw: Buffer): Buffer =>
    Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([field(1, 'v1'), field(2, kind)])), field(2, raw)]);

  test('of a kind that is known becomes JSON', () => {
    const labels = field(11, Buffer.concat([field(1, 'a'), field(2, 'b')]));
    const metadata = Buffer.concat([field(1, 'x'), labels, field(8, '')]);
    expect(fromProtobuf(object('ServiceAccount', field(1, metadata)))).toEqual({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'x', labels: { a: 'b' } },
    });
  });

  test('of another kind, with another field, or of nothing at all is not guessed at', () => {
    expect(fromProtobuf(object('Node', field(1, field(1, 'x'))))).toBeUndefined();
    expect(fromProtobuf(object('ServiceAccount', field(9, 'x')))).toBeUndefined();
    expect(fromProtobuf(Buffer.from('{}'))).toBeUndefined();
    expect(fromProtobuf(Buffer.from('k8s\0\xff\xff', 'latin1'))).toBeUndefined();
  });
});
