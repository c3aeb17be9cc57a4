import type { Workload } from '../../../scenarios/scenario.ts';
import { type Cluster, markKey, resourceOf, type WorkloadState, type Written, workloadName } from '../../cluster.ts';
import { fieldManager } from '../../faults/scale-to-zero/undo.ts';
import { Trouble } from '../../trouble.ts';
import { bodyOf } from './answers.ts';
import type { Place } from './cluster.ts';
import { type Discovery, mustServe, type Served } from './discovery.ts';
import { fieldsOf, listOf, readyEndpointsOf, scaledBy, tellsReady, textOf, workloadOf } from './objects.ts';
import { podSettingsOf } from './pod-settings.ts';
import type { ApiAnswer, Transport } from './transport.ts';

/** An object and its scale are two reads: so often they are read again until both are of one version. */
const readsAtMost = 5;

type Workloads = Pick<Cluster, 'workload' | 'marked' | 'mark' | 'scale' | 'rehearse' | 'readyEndpoints'>;

/** Whatever has a scale, in one namespace. Deployments and StatefulSets are known; other kinds are looked up. */
export function workloads(place: Place, api: Transport, discovery: Discovery): Workloads {
  const { context, namespace } = place;
  const called = (workload: Workload): string => `${workloadName(workload)} in ${context}/${namespace}`;

  async function pathOf({ kind, name }: Workload, signal: AbortSignal): Promise<string> {
    return `${homeOf(await servedAs(kind, signal), kind)}/${name}`;
  }

  function homeOf({ base }: Served, kind: string): string {
    return `${base}/namespaces/${namespace}/${resourceOf(kind).resource}`;
  }

  async function servedAs(kind: string, signal: AbortSignal): Promise<Served> {
    const served = await mustServe(discovery, context, resourceOf(kind), signal);
    if (served.scales && served.namespaced) return served;
    throw new Trouble('wrong-input', `${kind} in ${context}: this kind has no scale subresource in a namespace`);
  }

  async function readBody(workload: Workload, under: string, signal: AbortSignal) {
    const path = `${await pathOf(workload, signal)}${under}`;
    return bodyOf(await api.send({ method: 'GET', path }, signal), called(workload));
  }

  /** A kind of its own may keep its replicas anywhere: only its scale tells. */
  async function read(workload: Workload, signal: AbortSignal): Promise<WorkloadState> {
    for (let reads = 1; ; reads += 1) {
      const body = await readBody(workload, '', signal);
      const state = { ...workloadOf(workload, body), pods: podSettingsOf(body) };
      if (resourceOf(workload.kind).group === 'apps') return state;
      const scale = await readBody(workload, '/scale', signal);
      const isOne = textOf(fieldsOf(scale['metadata'])['resourceVersion']) === state.version;
      // Should they never be of one version, the older one makes every write a conflict.
      if (isOne || reads === readsAtMost) return scaledBy(state, scale, tellsReady(body));
    }
  }

  /** PUT on the scale: works for everything that has one, and needs no more than its right. */
  async function putScale(at: WorkloadState, replicas: number, query: string, signal: AbortSignal): Promise<ApiAnswer> {
    const metadata = { name: at.workload.name, namespace, uid: at.uid, resourceVersion: at.version };
    const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas } };
    const path = `${await pathOf(at.workload, signal)}/scale?${query}`;
    return api.send({ method: 'PUT', path, body }, signal);
  }

  async function markedOf(kind: string, signal: AbortSignal): Promise<readonly WorkloadState[]> {
    const served = await discovery.served(resourceOf(kind), signal);
    // A cluster that does not know a kind has none of it.
    if (served === null) return [];
    const answer = await api.send({ method: 'GET', path: homeOf(served, kind) }, signal);
    if (answer.status === 404) return [];
    const marked = listOf(bodyOf(answer, `${resourceOf(kind).resource} in ${context}/${namespace}`)['items'])
      .map(fieldsOf)
      .map((item) => workloadOf({ kind, name: textOf(fieldsOf(item['metadata'])['name']) }, item))
      .filter(({ mark }) => mark !== null);
    return resourceOf(kind).group === 'apps'
      ? marked
      : Promise.all(marked.map(({ workload }) => read(workload, signal)));
  }

  return {
    workload: read,
    async marked(signal) {
      const kinds = new Set(['deployment', 'statefulset', ...(place.kinds ?? [])]);
      const found: WorkloadState[] = [];
      for (const kind of kinds) found.push(...(await markedOf(kind, signal)));
      return found;
    },
    async mark(at, mark, signal) {
      const annotations = { [markKey]: mark === null ? null : JSON.stringify(mark) };
      const body = { metadata: { uid: at.uid, resourceVersion: at.version, annotations } };
      const path = `${await pathOf(at.workload, signal)}?fieldManager=${fieldManager}`;
      const contentType = 'application/merge-patch+json';
      return written(await api.send({ method: 'PATCH', path, body, contentType }, signal), called(at.workload));
    },
    async scale(at, replicas, signal) {
      const answer = await putScale(at, replicas, `fieldManager=${fieldManager}`, signal);
      return written(answer, `the scale of ${called(at.workload)}`);
    },
    async rehearse(at, replicas, signal) {
      const answer = await putScale(at, replicas, `fieldManager=${fieldManager}&dryRun=All`, signal);
      // A status update in between is no objection of the cluster's.
      if (answer.status !== 409) bodyOf(answer, `a rehearsal of scaling ${called(at.workload)}`);
    },
    async readyEndpoints(workload, signal) {
      const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
      const slices = bodyOf(
        await api.send({ method: 'GET', path }, signal),
        `EndpointSlices in ${context}/${namespace}`,
      );
      return readyEndpointsOf(workload, listOf(slices['items'])) ?? (await read(workload, signal)).readyReplicas;
    },
  };
}

/** 409 says that nothing was written; every other refusal is a `Trouble`. */
function written(answer: ApiAnswer, asked: string): Written {
  if (answer.status === 409) return { written: false };
  return { written: true, version: textOf(fieldsOf(bodyOf(answer, asked)['metadata'])['resourceVersion']) };
}
