import type { Clock } from '../../../contract/clock.ts';
import type { KubernetesPlan } from '../../../scenarios/scenario.ts';
import type { Cluster } from '../../cluster.ts';
import { cluster } from './cluster.ts';
import { configOf } from './config.ts';
import { transport } from './transport.ts';

export type Kubernetes = {
  /** The cluster and namespace of a region. Reads the kubeconfig; connects to nothing yet. */
  open(plan: Pick<KubernetesPlan, 'context' | 'namespace'>): Promise<Cluster>;
};

/** Clusters of a kubeconfig, by context. `kubeconfig` `null`: where kubectl looks. */
export function kubernetes(kubeconfig: string | null, clock: Clock): Kubernetes {
  return {
    async open({ context, namespace }) {
      const config = await configOf(kubeconfig, context);
      return cluster({ context, namespace }, transport(config, clock), clock);
    },
  };
}
