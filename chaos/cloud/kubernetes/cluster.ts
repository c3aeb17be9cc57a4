import type { Clock } from '../../../contract/clock.ts';
import { type Cluster, resourceOf, type WhoAmI, type WorkloadState } from '../../cluster.ts';
import { fieldManager } from '../../faults/scale-to-zero/undo.ts';
import { bodyOf } from './answers.ts';
import { type Discovery, discovery } from './discovery.ts';
import { leases } from './leases.ts';
import { reconcilers } from './reconcilers.ts';
import { restorers } from './restorer.ts';
import { ask, whoAmI } from './rights.ts';
import type { Transport } from './transport.ts';
import { endpoints } from './watch.ts';
import { workloads } from './workloads.ts';

export type Place = {
  readonly context: string;
  readonly namespace: string;
  /** Kinds of workloads that may carry marks, beside Deployments and StatefulSets. */
  readonly kinds?: readonly string[];
};

/** One namespace of one API server. */
export function cluster(place: Place, api: Transport, clock: Clock): Omit<Cluster, 'credentials'> & WhoAmI {
  const { context, namespace } = place;
  const kinds = discovery(context, api);
  const known = workloads(place, api, kinds);
  return {
    context,
    namespace,
    ...known,
    ...endpoints(place, api, known, clock),
    ...reconcilers(place, api, kinds),
    ...leases(place, api),
    ...restorers(place, api),
    mayI: (right, signal) => ask(place, api, right, signal),
    whoAmI: (signal) => whoAmI(api, signal),
    async tell(at, reason, message, signal) {
      const body = { ...eventOn(at, place, clock), involvedObject: await involved(at, place, kinds, signal) };
      const path = `/api/v1/namespaces/${namespace}/events`;
      const event = { ...body, reason, message };
      bodyOf(await api.send({ method: 'POST', path, body: event }, signal), `an event in ${context}/${namespace}`);
    },
    close: () => api.close(),
  };
}

async function involved({ workload, uid }: WorkloadState, { namespace }: Place, kinds: Discovery, signal: AbortSignal) {
  const served = await kinds.served(resourceOf(workload.kind), signal);
  return { apiVersion: served?.apiVersion, kind: served?.kind, name: workload.name, namespace, uid };
}

function eventOn({ workload: { name } }: WorkloadState, { namespace }: Place, clock: Clock): object {
  const now = new Date(clock.wallMs()).toISOString();
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${name}.`, namespace },
    type: 'Normal',
    source: { component: fieldManager },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
