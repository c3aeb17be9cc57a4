export { type Kubernetes, kubernetes } from './kubernetes/clusters.ts';
