import { workloadName } from '../cluster.ts';
import { type ObjectState, objectName, ownersOf, valueAt } from '../objects.ts';
import { annotationOf, labelOf, listAt, type OwnerFacts, objectsIn, textAt, type WorkloadFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';
import { suspensionOf } from './suspensions.ts';

const kustomize = 'kustomize.toolkit.fluxcd.io';
const helm = 'helm.toolkit.fluxcd.io';
const reconcileKey = `${kustomize}/reconcile`;

/** Flux puts replicas back at each interval, where they are in git. */
export function flux(facts: WorkloadFacts, owners: OwnerFacts): readonly Finding[] {
  return [
    ...byLabels(facts, kustomize, owners.kustomizations, kustomizationFinding),
    ...byLabels(facts, helm, owners.helmReleases, helmFinding),
  ];
}

/** The object that a workload's labels name. */
export function fluxOwner(object: ObjectState, group: typeof kustomize | typeof helm) {
  const name = labelOf(object, `${group}/name`);
  const resource = group === kustomize ? 'kustomizations' : 'helmreleases';
  return name === '' ? null : { group, resource, namespace: labelOf(object, `${group}/namespace`), name };
}

function byLabels(
  facts: WorkloadFacts,
  group: typeof kustomize | typeof helm,
  found: OwnerFacts['kustomizations'],
  judge: (facts: WorkloadFacts, object: ObjectState) => Finding,
): readonly Finding[] {
  const owner = fluxOwner(facts.object, group);
  if (owner === null) return [];
  const object = objectsIn(found).find(({ ref }) => ref.name === owner.name && ref.namespace === owner.namespace);
  if (object !== undefined) return [judge(facts, object)];
  const name = `${group === kustomize ? 'Kustomization' : 'HelmRelease'} ${owner.namespace}/${owner.name}`;
  const workload = workloadName(facts.workload);
  const why = found.status === 'forbidden' ? 'we may not read it' : 'it is not in this cluster';
  const sentence = `${workload} belongs to ${name} of Flux, and ${why}: whether it puts replicas back is not known`;
  const remedy = 'suspend it for the time of the drill, and override guard.reconciler with that reason';
  return [finding({ owner: 'flux', name, workload, will: 'maybe-undo', sentence, remedy })];
}

function kustomizationFinding(facts: WorkloadFacts, object: ObjectState): Finding {
  const name = objectName(object);
  const workload = workloadName(facts.workload);
  const common = { owner: 'flux', name, workload } as const;
  const leaves = (why: string): Finding => finding({ ...common, will: 'leave', sentence: `${name} ${why}` });
  if (valueAt(object.body, ['spec', 'suspend']) === true) return leaves(`is suspended, and leaves ${workload} alone`);
  if (annotationOf(facts.object, reconcileKey) === 'disabled')
    return leaves(`passes over ${workload} (${reconcileKey})`);
  const owners = ownersOf(facts.object.body, ['spec', 'replicas']);
  const isApplied = owners.some(
    ({ manager, operation }) => manager === 'kustomize-controller' && operation === 'Apply',
  );
  if (!isApplied && hasManagedFields(facts)) return leaves(`does not set the replicas of ${workload}`);
  const every = textAt(object.body, 'spec', 'interval');
  // The workload alone is passed over: the rest of what it applies goes on being reconciled.
  const suspension = suspensionOf('flux', facts.object, {
    path: ['metadata', 'annotations', reconcileKey],
    during: 'disabled',
  });
  const sentence = `${name} puts ${workload} back at its next reconciliation, within ${every || 'its interval'}`;
  return finding({ ...common, will: 'undo', withinMs: goDurationMs(every), suspension, sentence });
}

function helmFinding(facts: WorkloadFacts, object: ObjectState): Finding {
  const name = objectName(object);
  const workload = workloadName(facts.workload);
  const common = { owner: 'flux', name, workload } as const;
  const leaves = (why: string): Finding => finding({ ...common, will: 'leave', sentence: `${name} ${why}` });
  if (valueAt(object.body, ['spec', 'suspend']) === true) return leaves(`is suspended, and leaves ${workload} alone`);
  if (textAt(object.body, 'spec', 'driftDetection', 'mode') !== 'enabled') {
    return leaves(`does not correct drift: it leaves ${workload} alone until its next release`);
  }
  const isIgnored = listAt(object.body, 'spec', 'driftDetection', 'ignore').some((rule) => ignores(rule, facts));
  if (isIgnored) return leaves(`ignores drift of the replicas of ${workload}`);
  const every = textAt(object.body, 'spec', 'interval');
  const suspension = suspensionOf('flux', object, { path: ['spec', 'suspend'], during: true });
  const sentence = `${name} corrects drift: it puts ${workload} back within ${every || 'its interval'}`;
  return finding({ ...common, will: 'undo', withinMs: goDurationMs(every), suspension, sentence });
}

function ignores(rule: unknown, { object }: WorkloadFacts): boolean {
  const matches = (key: string, own: string): boolean => {
    const wanted = textAt(rule, 'target', key);
    return wanted === '' || wanted === own;
  };
  return (
    listAt(rule, 'paths').includes('/spec/replicas') &&
    matches('kind', textAt(object.body, 'kind')) &&
    matches('name', object.ref.name)
  );
}

function hasManagedFields({ object }: WorkloadFacts): boolean {
  return listAt(object.body, 'metadata', 'managedFields').length > 0;
}

const unitsMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** `10m`, `1h30m`, as Go writes them. */
function goDurationMs(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitsMs[unit ?? ''] ?? 0), 0);
}
