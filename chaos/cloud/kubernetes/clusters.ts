import type { Clock } from '../../../contract/clock.ts';
import type { KubernetesPlan } from '../../../scenarios/scenario.ts';
import type { Cluster, WhoAmI } from '../../cluster.ts';
import { cluster } from './cluster.ts';
import { configOf } from './config.ts';
import { credentialsOf } from './credentials.ts';
import { transport } from './transport.ts';

/** Where to go: `null` for the current context, and for the namespace that it or the pod's service account names. */
export type Where = {
  readonly context: string | null;
  readonly namespace: string | null;
  readonly workloads?: KubernetesPlan['workloads'];
};

export type Kubernetes = {
  /** The cluster and namespace of a region. Reads the kubeconfig; connects to nothing yet. */
  open(where: Where): Promise<Cluster & WhoAmI>;
};

/** Clusters of a kubeconfig, by context. `kubeconfig` `null`: where kubectl looks. */
export function kubernetes(kubeconfig: string | null, clock: Clock): Kubernetes {
  return {
    async open({ workloads = [], ...where }) {
      const config = await configOf(kubeconfig, where.context);
      const context = config.getCurrentContext();
      const namespace = where.namespace ?? config.getContextObject(context)?.namespace ?? 'default';
      const asked = cluster(
        { context, namespace, kinds: workloads.map(({ kind }) => kind) },
        transport(config, clock),
        clock,
      );
      return { ...asked, credentials: () => credentialsOf(config) };
    },
  };
}
