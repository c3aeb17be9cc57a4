import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { kubernetes } from '../../chaos/cloud/kubernetes.ts';
import { systemClock } from '../../contract/clock.ts';
import { kubeconfig } from '../../lab/kubernetes.ts';
import { reconcilerConformance } from '../conformance/reconcilers.ts';
import { type LabCluster, labCluster } from './lab-cluster.ts';

describe("the lab's Kubernetes API", () => {
  let lab: LabCluster | undefined;
  let dir = '';
  afterAll(async () => {
    await lab?.cluster.close();
    await rm(dir, { recursive: true, force: true });
  });

  reconcilerConformance(async () => {
    dir = await mkdtemp(join(tmpdir(), 'blackstart-owners-'));
    // Nobody looks after autoscalers here: what a drill does is all that happens.
    const namespaces = { default: { deployments: {} }, argocd: { deployments: {} } };
    const started = await labCluster({ namespaces, autoscalerMs: 3_600_000, reactMs: 5 });
    lab = started;
    const { url } = started.cluster;
    const file = join(dir, 'kubeconfig');
    await writeFile(file, kubeconfig([{ context: 'us-east-1', url }], started.ca, 'admin-token'));
    const cluster = await kubernetes(file, systemClock()).open({ context: 'us-east-1', namespace: 'default' });
    const common = { baseUrl: url, token: 'admin-token', ca: started.ca, namespace: 'default' };
    return { cluster, away: 'argocd', connection: { ...common, deployment: 'owned-0' } };
  });
});
