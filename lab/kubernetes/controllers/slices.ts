/** One EndpointSlice for each Service with a selector: what its pods' addresses are, and which of them may be sent requests. */
import type { Json, JsonObject } from '../../../contract/json.ts';
import { type Api, newSuffix } from '../call.ts';
import { at, type KubeObject, listAt, numberAt, objectAt, same, textAt, textsAt } from '../object.ts';
import { endpointSlices, pods, services } from '../resources.ts';
import { matchesLabels } from '../selectors.ts';
import { isReady, isTerminating } from './pods.ts';
import { writerAs } from './writer.ts';

const serviceLabel = 'kubernetes.io/service-name';

export function reconcileSlices(api: Api): void {
  const write = writerAs(api, 'endpointslice-controller');
  const selecting = api.store.list(services, null).filter((service) => Object.keys(selectorOf(service)).length > 0);
  const alive = new Set(selecting.map(({ metadata }) => metadata.uid));
  const slices = api.store.list(endpointSlices, null).filter(isOurs);
  for (const slice of slices) if (!alive.has(serviceUid(slice))) write.remove(endpointSlices, slice, 0);
  for (const service of selecting) {
    if (service.metadata.deletionTimestamp !== undefined) continue;
    const slice = slices.find((one) => serviceUid(one) === service.metadata.uid);
    const parts: JsonObject = { endpoints: endpointsOf(api, service), ports: portsOf(service) };
    if (slice === undefined)
      write.create(endpointSlices, service.metadata.namespace ?? '', sliceBody(api, service, parts));
    else if (!same(at(slice, 'endpoints'), parts['endpoints'])) write.update(endpointSlices, slice, parts);
  }
}

/** Those of a workload's pods that may be sent requests now. */
export function readyCount(workloadPods: readonly KubeObject[]): number {
  return workloadPods.filter((pod) => isReady(pod) && !isTerminating(pod)).length;
}

function isOurs(slice: KubeObject): boolean {
  return textAt(slice, 'metadata', 'labels', 'endpointslice.kubernetes.io/managed-by') === managedBy;
}

const managedBy = 'endpointslice-controller.k8s.io';

function serviceUid(slice: KubeObject): string {
  return textAt(slice, 'metadata', 'ownerReferences', 0, 'uid') ?? '';
}

function selectorOf(service: KubeObject): Record<string, string> {
  return textsAt(service, 'spec', 'selector');
}

function sliceBody(api: Api, service: KubeObject, parts: JsonObject): JsonObject {
  const { name, uid } = service.metadata;
  const owner = { apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true };
  return {
    metadata: {
      name: `${name}-${newSuffix(api.ids)}`,
      generateName: `${name}-`,
      labels: {
        ...textsAt(service, 'metadata', 'labels'),
        [serviceLabel]: name,
        'endpointslice.kubernetes.io/managed-by': managedBy,
      },
      ownerReferences: [owner],
    },
    addressType: 'IPv4',
    ...parts,
  };
}

/**
 * A pod that is ending stays in the slice until it is gone, but is not ready any more: `serving` says that it could
 * still answer what is under way. Who counts endpoints counts those that are ready. Without any the list is `null`, as
 * the real controller writes it.
 */
function endpointsOf(api: Api, service: KubeObject): readonly Json[] | null {
  const selector = selectorOf(service);
  const endpoints = api.store
    .list(pods, service.metadata.namespace ?? null)
    .filter((pod) => matchesLabels(pod, selector) && textAt(pod, 'status', 'podIP') !== undefined)
    .map((pod) => ({
      addresses: [textAt(pod, 'status', 'podIP') ?? ''],
      conditions: {
        ready: isReady(pod) && !isTerminating(pod),
        serving: isReady(pod),
        terminating: isTerminating(pod),
      },
      nodeName: textAt(pod, 'spec', 'nodeName') ?? '',
      targetRef: {
        kind: 'Pod',
        namespace: pod.metadata.namespace ?? '',
        name: pod.metadata.name,
        uid: pod.metadata.uid,
      },
    }));
  return endpoints.length === 0 ? null : endpoints;
}

function portsOf(service: KubeObject): readonly Json[] {
  return listAt(service, 'spec', 'ports').map((port) => ({
    name: textAt(port, 'name') ?? '',
    port: numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? 0,
    protocol: textAt(objectAt(port), 'protocol') ?? 'TCP',
  }));
}
