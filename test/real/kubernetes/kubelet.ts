/**
 * What a kubelet does for the pods of Jobs, which kwok only plays: binds them, starts the container's process with a token
 * of the pod's account, starts it again when it fails, says that it succeeded, and ends it when the pod goes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfig } from '../../../lab/kubernetes.ts';
import type { Body, Client } from '../../conformance/kubernetes/client.ts';
import type { Running } from '../../fakes/program.ts';
import { pause } from '../../lab/waiting.ts';
import { nodeName, type RealCluster } from './cluster.ts';
import { create, read } from './objects.ts';
import type { OwnPrograms } from './own-programs.ts';

export type Kubelet = {
  /** SIGKILL to the restorers of a namespace; how many there were. */
  kill(namespace: string): number;
  /** Restorers that run in a namespace. */
  running(namespace: string): number;
  /** What they said, all of them. */
  said(): string;
  stop(): Promise<void>;
};

type Pod = { readonly namespace: string; readonly name: string; readonly uid: string };
type Container = { readonly pod: Pod; program: Running | null; isWanted: boolean; output: string };

const path = '/api/v1/pods?labelSelector=batch.kubernetes.io%2Fjob-name';
const againMs = 200;

export async function kubelet(cluster: RealCluster, programs: OwnPrograms): Promise<Kubelet> {
  const { admin } = cluster;
  const containers = new Map<string, Container>();
  let isOver = false;

  function hear(type: string, body: Body): void {
    const { uid, name, namespace, deletionTimestamp } = body.metadata;
    const known = containers.get(uid);
    if (type === 'DELETED' || deletionTimestamp !== undefined) {
      if (known !== undefined) end(known);
      return;
    }
    if (known !== undefined || isOver) return;
    const container: Container = { pod: { namespace, name, uid }, program: null, isWanted: true, output: '' };
    containers.set(uid, container);
    void keep(container, body).catch((error: unknown) => {
      container.output += `\nkubelet: ${String(error)}`;
    });
  }
  function end(container: Container): void {
    if (!container.isWanted) return;
    container.isWanted = false;
    container.program?.kill('SIGTERM');
  }

  async function keep(container: Container, body: Body): Promise<void> {
    const { pod } = container;
    if (body.spec.nodeName === undefined) await bind(admin, pod);
    const [{ args = [] }] = body.spec.containers;
    const env = { KUBECONFIG: await identity(cluster, pod, body.spec.serviceAccountName) };
    while (container.isWanted && !isOver) {
      const program = programs.start(args, env);
      container.program = program;
      const { code, stdout, stderr } = await program.ended;
      container.program = null;
      container.output += `${stdout}${stderr}\nended with ${code}\n`;
      if (code === 0) return succeeded(admin, pod);
      await pause(againMs);
    }
  }

  async function follow(): Promise<void> {
    while (!isOver) {
      try {
        const { items, metadata } = await read(admin, path);
        const alive = new Set(items.map((item: Body) => item.metadata.uid));
        for (const [uid, container] of containers) if (!alive.has(uid)) end(container);
        for (const item of items) hear('ADDED', item);
        await admin.watch(`${path}&watch=true&resourceVersion=${metadata.resourceVersion}`, ({ type, object }) => {
          if (type !== 'ERROR') hear(type, object);
          return isOver || type === 'ERROR';
        });
      } catch {
        // The API server is away: what runs goes on.
      }
      await pause(againMs);
    }
  }
  void follow();

  const inNamespace = (namespace: string): readonly Container[] =>
    [...containers.values()].filter(({ pod, program }) => pod.namespace === namespace && program !== null);
  return {
    kill(namespace) {
      const found = inNamespace(namespace);
      for (const { program } of found) program?.kill('SIGKILL');
      return found.length;
    },
    running: (namespace) => inNamespace(namespace).length,
    said: () => [...containers.values()].map(({ pod, output }) => `${pod.name}:\n${output}`).join('\n'),
    async stop() {
      isOver = true;
      const programsLeft = [...containers.values()].flatMap(({ program }) => program ?? []);
      for (const program of programsLeft) program.kill('SIGKILL');
      await Promise.all(programsLeft.map(({ ended }) => ended));
    },
  };
}

/** The scheduler's part. */
async function bind(admin: Client, { namespace, name }: Pod): Promise<void> {
  const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
  const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target };
  await create(admin, `/api/v1/namespaces/${namespace}/pods/${name}/binding`, body);
}

/** As the pod has it in its service account folder: good for this pod only. */
async function identity(
  { admin, url, dir, credentials }: RealCluster,
  { namespace, name, uid }: Pod,
  account: string,
): Promise<string> {
  const spec = { expirationSeconds: 3_600, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid } };
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const { status } = await create(admin, `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, request);
  const file = join(dir, 'pods', `${uid}.kubeconfig`);
  mkdirSync(join(dir, 'pods'), { recursive: true });
  const config = kubeconfig([{ context: 'in-cluster', url }], credentials.caPem, status.token);
  writeFileSync(file, config.replaceAll('namespace: default', `namespace: ${namespace}`), { mode: 0o600 });
  return file;
}

/** A pod that is gone meanwhile needs no end. */
async function succeeded(admin: Client, { namespace, name }: Pod): Promise<void> {
  const state = { terminated: { exitCode: 0, reason: 'Completed' } };
  const containerStatuses = [{ name: 'restorer', image: '', imageID: '', ready: false, restartCount: 0, state }];
  const body = { status: { phase: 'Succeeded', containerStatuses } };
  const type = 'application/strategic-merge-patch+json';
  await admin.ask({ method: 'PATCH', path: `/api/v1/namespaces/${namespace}/pods/${name}/status`, body, type });
}
