/** The table that the lab's Kubernetes API passes, against a real one: what they agree on is what drills rely on. */
import { afterAll, describe } from 'vitest';
import { kubernetesConformance } from '../../conformance/kubernetes.ts';
import { serversBuilt } from './binaries.ts';
import { type RealCluster, realCluster } from './cluster.ts';
import { create, makeNamespace, makeService, makeWorkload } from './objects.ts';

const namespace = 'conformance';
const deployment = 'agent-api';
const slow = { readyMs: 800, readyAtMostMs: 1_000, goneMs: 1_000 };

describe.skipIf(!serversBuilt())('a real Kubernetes API', () => {
  let cluster: RealCluster | undefined;
  afterAll(() => cluster?.stop());

  kubernetesConformance(async () => {
    const started = await realCluster();
    cluster = started;
    const { admin, url, credentials } = started;
    await makeNamespace(admin, namespace);
    await makeService(admin, namespace, deployment);
    await makeWorkload(admin, namespace, { kind: 'deployment', name: deployment, replicas: 3, pace: slow });
    await limit(started);
    return {
      baseUrl: url,
      token: credentials.adminToken,
      limitedToken: credentials.limitedToken,
      ca: credentials.caPem,
      namespace,
      deployment,
      compact: started.compact,
      slowPods: true,
      autoscales: true,
    };
  });
});

/** The user `limited` may scale one Deployment, and nothing else. */
async function limit({ admin }: RealCluster): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const path = `/apis/${group}/v1/namespaces/${namespace}`;
  const kind = (name: string): object => ({ apiVersion: `${group}/v1`, kind: name, metadata: { name: 'limited' } });
  const scale = { resources: ['deployments/scale'], resourceNames: [deployment], verbs: ['get', 'patch', 'update'] };
  await create(admin, `${path}/roles`, { ...kind('Role'), rules: [{ apiGroups: ['apps'], ...scale }] });
  await create(admin, `${path}/rolebindings`, {
    ...kind('RoleBinding'),
    roleRef: { apiGroup: group, kind: 'Role', name: 'limited' },
    subjects: [{ kind: 'User', apiGroup: group, name: 'limited' }],
  });
}
