import type { Clock } from '../../../contract/clock.ts';
import type { Workload } from '../../../scenarios/scenario.ts';
import { type Cluster, markKey, type WorkloadState, type Written, workloadName } from '../../cluster.ts';
import { fieldManager } from '../../faults/scale-to-zero/undo.ts';
import { bodyOf } from './answers.ts';
import { leases } from './leases.ts';
import { fieldsOf, listOf, readyEndpointsOf, textOf, workloadOf } from './objects.ts';
import { ask } from './rights.ts';
import type { ApiAnswer, Transport } from './transport.ts';

export type Place = { readonly context: string; readonly namespace: string };

const plurals: Readonly<Record<Workload['kind'], string>> = { deployment: 'deployments', statefulset: 'statefulsets' };

/** One namespace of one API server. */
export function cluster(place: Place, api: Transport, clock: Clock): Cluster {
  const { context, namespace } = place;
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

  return {
    context,
    namespace,
    workload: read,
    async marked(signal) {
      const found: WorkloadState[] = [];
      for (const kind of ['deployment', 'statefulset'] as const) {
        const answer = await api.send({ method: 'GET', path: `${base}/${plurals[kind]}` }, signal);
        // A cluster that does not know a kind has none of it.
        if (answer.status === 404) continue;
        for (const item of listOf(bodyOf(answer, `${plurals[kind]} in ${context}/${namespace}`)['items'])) {
          const name = textOf(fieldsOf(fieldsOf(item)['metadata'])['name']);
          const state = workloadOf({ kind, name }, fieldsOf(item));
          if (state.mark !== null) found.push(state);
        }
      }
      return found;
    },
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
    ...leases(place, api),
    mayI: (right, signal) => ask(place, api, right, signal),
    async tell(at, reason, message, signal) {
      const now = new Date(clock.wallMs()).toISOString();
      const { kind, name } = at.workload;
      const involved = { apiVersion: 'apps/v1', kind: kind === 'deployment' ? 'Deployment' : 'StatefulSet' };
      const body = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { generateName: `${name}.`, namespace },
        involvedObject: { ...involved, name, namespace, uid: at.uid },
        reason,
        message,
        type: 'Normal',
        source: { component: fieldManager },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      };
      const path = `/api/v1/namespaces/${namespace}/events`;
      bodyOf(await api.send({ method: 'POST', path, body }, signal), `an event in ${context}/${namespace}`);
    },
    close: () => api.close(),
  };
}

/** 409 says that nothing was written; every other refusal is a `Trouble`. */
function written(answer: ApiAnswer, asked: string): Written {
  if (answer.status === 409) return { written: false };
  return { written: true, version: textOf(fieldsOf(bodyOf(answer, asked)['metadata'])['resourceVersion']) };
}
