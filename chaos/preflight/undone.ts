/** Tells "restored by somebody else" from "recovered": who put replicas back before the drill did. */
import { type WorkloadState, workloadName } from '../cluster.ts';
import { changedBy, type ScaleUndo } from '../faults/scale-to-zero.ts';
import type { Found, Objects } from '../objects.ts';
import { objectsIn, textAt } from './facts.ts';
import type { Finding, Owner } from './finding.ts';

/** By whose name each writes to a cluster. */
const writers: readonly (readonly [Owner, RegExp])[] = [
  ['hpa', /^(kube-controller-manager|horizontal-pod-autoscaler)/],
  ['keda', /^keda/],
  ['argo-cd', /^argocd/],
  ['flux', /^(kustomize-controller|helm-controller)/],
];

/** `null` while the workload is as the drill has it. `events`: what autoscalers said of late. */
export function undoneBy(
  at: WorkloadState,
  undo: ScaleUndo,
  owners: readonly Finding[],
  events: Found | null,
): string | null {
  const planned = undo.workloads.find(({ kind, name }) => kind === at.workload.kind && name === at.workload.name);
  if (planned === undefined || at.replicas === planned.injected) return null;
  const name = workloadName(at.workload);
  const who = [changedBy(at), ...ownerNames(at, owners), ...said(events, owners)].join(', ');
  return `${name} has ${at.replicas} replicas, the drill set ${planned.injected}: ${who}. What comes back from here on was restored by somebody else, and is no recovery`;
}

function ownerNames({ managers, workload }: WorkloadState, owners: readonly Finding[]): readonly string[] {
  const [manager = ''] = managers;
  const [owner] = writers.find(([, pattern]) => pattern.test(manager)) ?? [];
  return owners.filter((one) => one.owner === owner && one.workload === workloadName(workload)).map((one) => one.name);
}

/** The newest of the autoscalers' events. */
function said(events: Found | null, owners: readonly Finding[]): readonly string[] {
  const names = new Set(owners.filter(({ owner }) => owner === 'hpa').map(({ name }) => name.split('/').at(-1)));
  const rescaled = (events === null ? [] : objectsIn(events))
    .filter(({ body }) => textAt(body, 'reason') === 'SuccessfulRescale')
    .filter(({ body }) => names.has(textAt(body, 'involvedObject', 'name')))
    .toSorted((a, b) => (textAt(a.body, 'lastTimestamp') < textAt(b.body, 'lastTimestamp') ? 1 : -1));
  const [newest] = rescaled;
  return newest === undefined ? [] : [`which said "${textAt(newest.body, 'message')}"`];
}

/** What autoscalers of a namespace said; `null` where that cannot be read, or none is about the workload. */
export async function autoscalerEvents(
  cluster: Pick<Objects, 'objects'> & { readonly namespace: string },
  owners: readonly Finding[],
  signal: AbortSignal,
): Promise<Found | null> {
  if (!owners.some(({ owner }) => owner === 'hpa')) return null;
  const events = { group: '', resource: 'events', namespace: cluster.namespace, fields: 'reason=SuccessfulRescale' };
  return cluster.objects(events, signal).catch(() => null);
}
