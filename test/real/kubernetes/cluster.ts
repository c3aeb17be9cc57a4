/** A real Kubernetes on loopback: etcd, API server, controllers, and kwok, which plays the node and its pods. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubeconfig } from '../../../lab/kubernetes.ts';
import { type Client, clientOf } from '../../conformance/kubernetes/client.ts';
import { until } from '../../lab/waiting.ts';
import { pathOf } from './binaries.ts';
import { apiServer, controllers, kwok, type Ports, store } from './command-lines.ts';
import { type Credentials, credentialsIn } from './credentials.ts';
import { freePorts, type Server, startServer } from './processes.ts';

export type RealCluster = {
  readonly url: string;
  /** For what belongs to it; removed when it stops. */
  readonly dir: string;
  readonly credentials: Credentials;
  /** With all rights. */
  readonly admin: Client;
  readonly apiServer: Pick<Server, 'freeze' | 'thaw'>;
  /** Requests of the drill runner's account, whatever became of them. */
  readonly auditLog: string;
  /** Forgets all history: etcd is compacted, and the API server, which remembers more than etcd, started again. */
  compact(): Promise<void>;
  stop(): Promise<void>;
};

/** The node that all pods are bound to, by the name that the conformance table knows. */
export const nodeName = 'kwok-0';
const startLimitMs = 60_000;
const own = dirname(fileURLToPath(import.meta.url));

/** Resolves when the API server is ready and the node is there. */
export async function realCluster(): Promise<RealCluster> {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-real-'));
  const credentials = await credentialsIn(dir);
  const [api = 0, client = 0, peer = 0, node = 0] = await freePorts(4);
  const audit = { policy: join(own, 'audit.yaml'), log: join(dir, 'audit.log') };
  const ports: Ports = { api, store: client, peer, node };
  const url = `https://127.0.0.1:${api}`;
  const configOf = (name: string, token: string): string => {
    const file = join(dir, `${name}.kubeconfig`);
    writeFileSync(file, kubeconfig([{ context: 'real', url }], credentials.caPem, token), { mode: 0o600 });
    return file;
  };
  const launch = (name: string, argv: readonly string[]): Server =>
    startServer(name, [pathOf(name), ...argv], join(dir, `${name}.log`), dir);
  mkdirSync(join(dir, 'etcd'));

  const servers: { etcd: Server; api: Server; clients: Server[] } = {
    etcd: launch('etcd', store(ports, join(dir, 'etcd'))),
    api: launch('kube-apiserver', apiServer(ports, credentials, audit)),
    clients: [],
  };
  const admin = clientOf({
    baseUrl: url,
    token: credentials.adminToken,
    ca: credentials.caPem,
    namespace: '',
    deployment: '',
  });
  const stop = async (): Promise<void> => {
    admin.close();
    // A store that goes first leaves the API server hanging.
    await Promise.all(servers.clients.map((server) => server.stop()));
    await servers.api.stop();
    await servers.etcd.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  const ready = (): Promise<void> => untilReady(admin, () => servers.api.death() ?? servers.etcd.death());
  try {
    await ready();
    servers.clients.push(
      launch(
        'kube-controller-manager',
        controllers(configOf('controllers', credentials.controllersToken), credentials),
      ),
      launch('kwok', kwok(configOf('kwok', credentials.adminToken), ports, join(own, 'stages.yaml'))),
    );
    await makeNode(admin);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    dir,
    credentials,
    admin,
    auditLog: audit.log,
    apiServer: { freeze: () => servers.api.freeze(), thaw: () => servers.api.thaw() },
    async compact() {
      await compactStore(ports.store);
      await servers.api.stop();
      servers.api = launch('kube-apiserver', apiServer(ports, credentials, audit));
      await ready();
    },
    stop,
  };
}

async function untilReady(admin: Client, death: () => string | null): Promise<void> {
  await until(startLimitMs, 'the API server to be ready', async () => {
    const dead = death();
    if (dead !== null) throw new Error(dead);
    const { code } = await admin.ask({ path: '/readyz' }).catch(() => ({ code: 0 }));
    return code === 200 ? true : undefined;
  });
}

async function makeNode(admin: Client): Promise<void> {
  const capacity = { cpu: '64', memory: '256Gi', pods: '1000' };
  const metadata = {
    name: nodeName,
    labels: { 'kubernetes.io/hostname': nodeName },
    annotations: { 'kwok.x-k8s.io/node': 'fake' },
  };
  const body = { apiVersion: 'v1', kind: 'Node', metadata, status: { allocatable: capacity, capacity } };
  const { code } = await admin.ask({ method: 'POST', path: '/api/v1/nodes', body });
  if (code !== 201) throw new Error(`the node could not be made: ${code}`);
}

/** By etcd's gateway: its own tool is not built. */
async function compactStore(port: number): Promise<void> {
  const ask = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const key = Buffer.from('/registry/').toString('base64');
  const range = (await ask('/v3/kv/range', { key })) as { readonly header: { readonly revision: string } };
  await ask('/v3/kv/compaction', { revision: range.header.revision, physical: true });
}
