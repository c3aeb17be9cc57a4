/** One region's cluster: its API on loopback, and controllers that do with pods what a real one would. */
import type { HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import type { JsonObject } from '../../contract/json.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import type { Certificate } from '../certificates.ts';
import type { PodSource } from '../pods.ts';
import type { Truth } from '../truth.ts';
import { accessOf, type Identity } from './access.ts';
import type { Api } from './call.ts';
import type { Containers } from './containers.ts';
import type { PodTimes } from './controllers/kubelet.ts';
import { type ControllerWriter, writerAs } from './controllers/writer.ts';
import { controllers } from './controllers.ts';
import { kubeconfig } from './kubeconfig.ts';
import { registryOf } from './registry.ts';
import { deployments, namespaces, serviceAccounts, services } from './resources.ts';
import { apiServer, type Mutation } from './server.ts';
import { objectStore } from './store.ts';

export type DeploymentPlan = PodTimes & { readonly replicas: number };

export type ClusterOptions = {
  /** The context of the kubeconfig, which is the region of the truth. */
  readonly context: string;
  /** Port 0 for a free one. */
  readonly listen: HostPort;
  readonly certificate: Certificate;
  /** Token to who it stands for. */
  readonly tokens: Readonly<Record<string, Identity>>;
  readonly namespaces: Readonly<Record<string, { readonly deployments: Readonly<Record<string, DeploymentPlan>> }>>;
  /** How long controllers take to notice a change, about. */
  readonly reactMs?: number;
  /** How often HorizontalPodAutoscalers look; 15 s. */
  readonly autoscalerMs?: number;
  /** Changes that are remembered for watches; older versions get 410. */
  readonly historyLimit?: number;
  /** Runs the containers of Jobs that are labelled as ours. Absent: nothing runs in any pod. */
  readonly containers?: Containers & {
    /** Of the authority that the certificate is from. */
    readonly caPem: string;
  };
};

export type Cluster = {
  readonly context: string;
  /** `https://127.1.0.6:40123` */
  readonly url: string;
  podsOf(namespace: string, deployment: string): PodSource;
  /** Every POST, PUT, PATCH and DELETE, refused ones included. */
  requests(): readonly Mutation[];
  /** Accepts and never answers, until `resume`; what was sent meanwhile is done then. Pods go on living. */
  hang(): void;
  /** Answers everything with this status code, until `resume`. */
  refuse(status: number): void;
  resume(): void;
  /** Forgets the history: a watch from an older version gets 410. */
  compact(): void;
  close(): Promise<void>;
};

const defaultTimes: PodTimes = { podReadyMs: 200, podGoneMs: 200 };

/** Resolves when it listens and all Deployments of the plan have their pods, ready. */
export async function kubernetesCluster(
  options: ClusterOptions,
  deps: { readonly clock: Clock; readonly random: Random; readonly truth: Truth },
): Promise<Cluster> {
  const store = objectStore(options.historyLimit ?? 5_000);
  const access = accessOf(options.tokens, store, deps.clock);
  const ids = seededRandom(Math.floor(deps.random() * 2 ** 32));
  const api: Api = { store, registry: registryOf(store), access, clock: deps.clock, random: deps.random, ids };
  let url = '';
  const loop = controllers(
    api,
    {
      region: options.context,
      reactMs: options.reactMs ?? 20,
      autoscalerMs: options.autoscalerMs ?? 15_000,
      addressOf: addressesIn(options.listen.host),
      ...podContainers(options, () => url),
      timesOf: (namespace, deployment) => options.namespaces[namespace]?.deployments[deployment ?? ''] ?? defaultTimes,
    },
    deps.truth,
  );
  populate(writerAs(api, 'lab'), options);
  loop.settle();
  const server = await apiServer(api, options.listen, options.certificate).catch((error: unknown) => {
    void loop.stop();
    throw error;
  });
  url = server.url;
  return {
    context: options.context,
    url: server.url,
    podsOf: loop.podsOf,
    requests: server.mutations,
    hang: server.hang,
    refuse: server.refuse,
    resume: server.resume,
    compact: store.compact,
    async close() {
      await loop.stop();
      await server.close();
    },
  };
}

/** A pod reaches the API as everything else does; the only thing it has of its own is its account's token. */
function podContainers({ containers, context }: ClusterOptions, url: () => string) {
  if (containers === undefined) return {};
  const { caPem } = containers;
  const kubeconfigFor = (token: string, namespace: string): string =>
    kubeconfig([{ context, url: url() }], caPem, { token, namespace });
  return { containers: { ...containers, kubeconfig: kubeconfigFor } };
}

function populate(write: ControllerWriter, options: ClusterOptions): void {
  const named = new Set(['default', 'kube-system', ...Object.keys(options.namespaces)]);
  for (const name of named) {
    write.create(namespaces, null, { metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } });
    write.create(serviceAccounts, name, { metadata: { name: 'default' } });
  }
  for (const [namespace, plan] of Object.entries(options.namespaces)) {
    for (const [name, { replicas }] of Object.entries(plan.deployments)) {
      write.create(deployments, namespace, deploymentBody(name, replicas));
      write.create(services, namespace, serviceBody(name));
    }
  }
}

function deploymentBody(name: string, replicas: number): JsonObject {
  const labels = { app: name };
  const container = { name: 'app', image: `lab/${name}:1`, ports: [{ containerPort: 8443, protocol: 'TCP' }] };
  return {
    metadata: { name, labels, annotations: { 'deployment.kubernetes.io/revision': '1' } },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

function serviceBody(name: string): JsonObject {
  return {
    metadata: { name, labels: { app: name } },
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      selector: { app: name },
      ports: [{ name: 'https', port: 443, targetPort: 8443, protocol: 'TCP' }],
    },
  };
}

/** `10.R.x.y` for the cluster at `127.R.0.6`: loopback addresses are not allowed in EndpointSlices. */
function addressesIn(host: string): (index: number) => string {
  const [, region] = /^127\.(\d+)\./.exec(host) ?? [];
  return (index) => `10.${region ?? '64'}.${Math.floor(index / 250) % 256}.${(index % 250) + 1}`;
}
