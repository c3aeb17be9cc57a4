import { afterAll, describe } from 'vitest';
import { kubernetesConformance } from '../conformance/kubernetes.ts';
import { type LabCluster, labCluster } from './lab-cluster.ts';

describe("the lab's Kubernetes API", () => {
  let lab: LabCluster | undefined;
  afterAll(() => lab?.cluster.close());

  kubernetesConformance(async () => {
    const started = await labCluster({ autoscalerMs: 50, reactMs: 5 });
    lab = started;
    return {
      baseUrl: started.cluster.url,
      token: 'admin-token',
      limitedToken: 'limited-token',
      ca: started.ca,
      namespace: 'default',
      deployment: 'agent-api',
      compact: async () => started.cluster.compact(),
      slowPods: true,
      autoscales: true,
    };
  });
});
