/** What a region consists of in a cluster, made as its operators would have made it. */
import type { Body, Client } from '../../conformance/kubernetes/client.ts';
import { until } from '../../lab/waiting.ts';
import { nodeName } from './cluster.ts';

const startLimitMs = 30_000;

export type Pace = {
  /** Each pod becomes ready after so long, or up to `readyAtMostMs` by chance. */
  readonly readyMs: number;
  readonly readyAtMostMs: number;
  readonly goneMs: number;
};
export const quickPods: Pace = { readyMs: 100, readyAtMostMs: 400, goneMs: 200 };

/** Creates; one that is there already is an error. */
export async function create(client: Client, path: string, body: object): Promise<Body> {
  const answer = await client.ask({ method: 'POST', path, body });
  if (answer.code === 201) return answer.body;
  throw new Error(`POST ${path}: ${answer.code} ${JSON.stringify(answer.body)}`);
}

export async function read(client: Client, path: string): Promise<Body> {
  const answer = await client.ask({ path });
  if (answer.code === 200) return answer.body;
  throw new Error(`GET ${path}: ${answer.code} ${JSON.stringify(answer.body)}`);
}

/** Resolves when pods can be made in it. */
export async function makeNamespace(client: Client, name: string): Promise<void> {
  await create(client, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await until(startLimitMs, `the default account of ${name}`, async () => {
    const { code } = await client.ask({ path: `/api/v1/namespaces/${name}/serviceaccounts/default` });
    return code === 200 ? true : undefined;
  });
}

export function makeService(client: Client, namespace: string, name: string): Promise<Body> {
  const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] };
  return create(client, `/api/v1/namespaces/${namespace}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec,
  });
}

export type WorkloadWish = {
  readonly kind: 'deployment' | 'statefulset';
  readonly name: string;
  readonly replicas: number;
  readonly pace?: Pace;
};

export function makeWorkload(client: Client, namespace: string, wish: WorkloadWish): Promise<Body> {
  const { kind, name, replicas, pace = quickPods } = wish;
  const labels = { app: name };
  const annotations = {
    'blackstart.test/ready-after': `${pace.readyMs}ms`,
    'blackstart.test/ready-at-most': `${pace.readyAtMostMs}ms`,
    'blackstart.test/gone-after': `${pace.goneMs}ms`,
  };
  const containers = [{ name: 'app', image: 'example/none' }];
  const template = {
    metadata: { labels, annotations },
    spec: { nodeName, terminationGracePeriodSeconds: 5, containers },
  };
  const own = kind === 'statefulset' ? { serviceName: name, podManagementPolicy: 'Parallel' } : {};
  return create(client, `/apis/apps/v1/namespaces/${namespace}/${kind}s`, {
    apiVersion: 'apps/v1',
    kind: kind === 'deployment' ? 'Deployment' : 'StatefulSet',
    metadata: { name, labels },
    spec: { replicas, selector: { matchLabels: labels }, template, ...own },
  });
}

export async function untilReady(client: Client, namespace: string, wish: WorkloadWish): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/${wish.kind}s/${wish.name}`;
  await until(startLimitMs, `${wish.replicas} ready pods of ${wish.name} in ${namespace}`, async () => {
    const { status } = await read(client, path);
    return (status.readyReplicas ?? 0) === wish.replicas ? true : undefined;
  });
}
