import type { Workload } from '../../../scenarios/scenario.ts';
import { type Cluster, markKey, type WorkloadState, type Written, workloadName } from '../../cluster.ts';
import { fieldManager } from '../../faults/scale-to-zero/undo.ts';
import { bodyOf } from './answers.ts';
import type { Place } from './cluster.ts';
import { fieldsOf, listOf, readyEndpointsOf, textOf, workloadOf } from './objects.ts';
import type { ApiAnswer, Transport } from './transport.ts';

const plurals: Readonly<Record<Workload['kind'], string>> = { deployment: 'deployments', statefulset: 'statefulsets' };

type Workloads = Pick<Cluster, 'workload' | 'marked' | 'mark' | 'scale' | 'rehearse' | 'readyEndpoints'>;

/** Deployments and StatefulSets of one namespace. */
export function workloads({ context, namespace }: Place, api: Transport): Workloads {
  const base = `/apis/apps/v1/namespaces/${namespace}`;
  const pathOf = ({ kind, name }: Workload): string => `${base}/${plurals[kind]}/${name}`;
  const called = (workload: Workload): string => `${workloadName(workload)} in ${context}/${namespace}`;

  async function read(workload: Workload, signal: AbortSignal): Promise<WorkloadState> {
    const answer = await api.send({ method: 'GET', path: pathOf(workload) }, signal);
    return workloadOf(workload, bodyOf(answer, called(workload)));
  }

  /** PUT on the scale: works for everything that has one, and needs no more than its right. */
  function putScale(at: WorkloadState, replicas: number, query: string, signal: AbortSignal): Promise<ApiAnswer> {
    const metadata = { name: at.workload.name, namespace, uid: at.uid, resourceVersion: at.version };
    const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas } };
    return api.send({ method: 'PUT', path: `${pathOf(at.workload)}/scale?${query}`, body }, signal);
  }

  async function markedOf(kind: Workload['kind'], signal: AbortSignal): Promise<readonly WorkloadState[]> {
    const answer = await api.send({ method: 'GET', path: `${base}/${plurals[kind]}` }, signal);
    // A cluster that does not know a kind has none of it.
    if (answer.status === 404) return [];
    return listOf(bodyOf(answer, `${plurals[kind]} in ${context}/${namespace}`)['items'])
      .map(fieldsOf)
      .map((item) => workloadOf({ kind, name: textOf(fieldsOf(item['metadata'])['name']) }, item))
      .filter(({ mark }) => mark !== null);
  }

  return {
    workload: read,
    marked: async (signal) => [...(await markedOf('deployment', signal)), ...(await markedOf('statefulset', signal))],
    async mark(at, mark, signal) {
      const annotations = { [markKey]: mark === null ? null : JSON.stringify(mark) };
      const body = { metadata: { uid: at.uid, resourceVersion: at.version, annotations } };
      const path = `${pathOf(at.workload)}?fieldManager=${fieldManager}`;
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
