/** How many endpoints are ready in each namespace, from one watch on all EndpointSlices. */
import type { Body, Client, Event } from '../../conformance/kubernetes/client.ts';
import { pause } from '../../lab/waiting.ts';
import { read } from './objects.ts';

export type Endpoints = {
  /** Of a Service, as last heard. */
  ready(namespace: string, service: string): number;
  stop(): void;
};

const path = '/apis/discovery.k8s.io/v1/endpointslices';
const againMs = 200;

export async function watchEndpoints(client: Client): Promise<Endpoints> {
  const slices = new Map<string, Body>();
  let isOver = false;

  function hear({ type, object }: Event): boolean {
    if (type === 'ERROR') return true;
    const { uid } = object.metadata;
    if (type === 'DELETED') slices.delete(uid);
    else if (type !== 'BOOKMARK') slices.set(uid, object);
    return isOver;
  }
  async function list(): Promise<string> {
    const { items, metadata } = await read(client, path);
    slices.clear();
    for (const item of items) slices.set(item.metadata.uid, item);
    return metadata.resourceVersion;
  }
  async function follow(first: string): Promise<void> {
    let version: string | null = first;
    while (!isOver) {
      version ??= await list().catch(() => null);
      if (version !== null) {
        await client.watch(`${path}?watch=true&resourceVersion=${version}`, hear).catch(() => undefined);
      }
      version = null;
      await pause(againMs);
    }
  }
  void follow(await list());
  return {
    ready(namespace, service) {
      const own = [...slices.values()].filter(
        ({ metadata }) => metadata.namespace === namespace && metadata.labels['kubernetes.io/service-name'] === service,
      );
      return own.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions.ready).length;
    },
    stop() {
      isOver = true;
    },
  };
}
