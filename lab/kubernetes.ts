/** The way in to the lab's Kubernetes clusters. */
export { type Cluster, type ClusterOptions, kubernetesCluster } from './kubernetes/cluster.ts';
export type { ContainerPlan, RunningContainer } from './kubernetes/containers.ts';
export { kubeconfig } from './kubernetes/kubeconfig.ts';
