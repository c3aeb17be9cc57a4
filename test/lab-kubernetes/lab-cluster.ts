/** A cluster of the lab for one test file. */
import { type Clock, systemClock } from '../../contract/clock.ts';
import { seededRandom } from '../../contract/random.ts';
import { certificateAuthority } from '../../lab/certificates.ts';
import { type Cluster, type ClusterOptions, kubernetesCluster } from '../../lab/kubernetes.ts';
import type { Transition } from '../../lab/truth.ts';

export type LabCluster = { readonly cluster: Cluster; readonly ca: string; readonly truth: readonly Transition[] };

export const scaleOnly = {
  apiGroups: ['apps'],
  resources: ['deployments/scale'],
  verbs: ['get', 'patch', 'update'],
  resourceNames: ['agent-api'],
};

export async function labCluster(
  more: Partial<ClusterOptions> = {},
  clock: Clock = systemClock(),
): Promise<LabCluster> {
  const host = '127.9.0.6';
  // Certificates are always of now: a client that checks them does not know of simulated time.
  const authority = await certificateAuthority(systemClock());
  const truth: Transition[] = [];
  const cluster = await kubernetesCluster(
    {
      context: 'us-east-1',
      listen: { host, port: 0 },
      certificate: await authority.issue({ names: [], addresses: [host] }),
      tokens: {
        'admin-token': { user: 'admin', rules: 'all' },
        'limited-token': { user: 'limited', rules: [scaleOnly] },
      },
      namespaces: { default: { deployments: { 'agent-api': { replicas: 3, podReadyMs: 60, podGoneMs: 60 } } } },
      ...more,
    },
    { clock, random: seededRandom(7), truth: (transition) => void truth.push(transition) },
  );
  return { cluster, ca: authority.caPem, truth };
}
