import type { Clock } from '../../../contract/clock.ts';
import type { Cluster, WorkloadState } from '../../cluster.ts';
import { fieldManager } from '../../faults/scale-to-zero/undo.ts';
import { bodyOf } from './answers.ts';
import { leases } from './leases.ts';
import { restorers } from './restorer.ts';
import { ask } from './rights.ts';
import type { Transport } from './transport.ts';
import { workloads } from './workloads.ts';

export type Place = { readonly context: string; readonly namespace: string };

/** One namespace of one API server. */
export function cluster(place: Place, api: Transport, clock: Clock): Cluster {
  const { context, namespace } = place;
  return {
    context,
    namespace,
    ...workloads(place, api),
    ...leases(place, api),
    ...restorers(place, api),
    mayI: (right, signal) => ask(place, api, right, signal),
    async tell(at, reason, message, signal) {
      const body = { ...eventOn(at, place, clock), reason, message };
      const path = `/api/v1/namespaces/${namespace}/events`;
      bodyOf(await api.send({ method: 'POST', path, body }, signal), `an event in ${context}/${namespace}`);
    },
    close: () => api.close(),
  };
}

function eventOn({ workload, uid }: WorkloadState, { namespace }: Place, clock: Clock): object {
  const now = new Date(clock.wallMs()).toISOString();
  const { kind, name } = workload;
  const involved = { apiVersion: 'apps/v1', kind: kind === 'deployment' ? 'Deployment' : 'StatefulSet' };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: { ...involved, name, namespace, uid },
    type: 'Normal',
    source: { component: fieldManager },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
