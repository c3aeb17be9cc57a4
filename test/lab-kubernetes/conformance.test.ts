import { afterAll, describe } from 'vitest';
import { kubernetesConformance } from '../conformance/kubernetes.ts';
import { type LabCluster, labCluster } from './lab-cluster.ts';

describe("the lab's Kubernetes API", () => {
  let lab: LabCluster | undefined;
  afterAll(() => lab?.cluster.close());

  kubernetesConformance(async () => {
    const plan = { replicas: 3, podReadyMs: 300, podGoneMs: 60 };
    const namespaces = { default: { deployments: { 'agent-api': plan } } };
    const started = await labCluster({ autoscalerMs: 50, reactMs: 5, namespaces });
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
