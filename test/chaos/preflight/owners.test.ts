import { describe, expect, test } from 'vitest';
import { findingsOf } from '../../../chaos/preflight/classify.ts';
import type { OwnerFacts, WorkloadFacts } from '../../../chaos/preflight/facts.ts';
import type { Finding } from '../../../chaos/preflight/finding.ts';
import {
  application,
  appliedByFlux,
  autoscaler,
  budget,
  foundOf,
  helmLabels,
  helmRelease,
  kustomization,
  kustomizationLabels,
  noOwners,
  objectOf,
  scaledObject,
  trackingId,
  workloadFacts,
} from '../../fakes/owners-of-replicas.ts';

const tracked = { annotations: { 'argocd.argoproj.io/tracking-id': trackingId } };
const ownedBySet = {
  ownerReferences: [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'agents', controller: true }],
};
const ofKeda = { ownerReferences: [{ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'agent-api' }] };

type Case = readonly [
  claim: string,
  facts: WorkloadFacts,
  owners: Partial<OwnerFacts>,
  want: Partial<Finding> & { readonly says: string },
];

function writtenBy(manager: string, operation: string): WorkloadFacts {
  const fieldsV1 = { 'f:spec': { 'f:replicas': {} } };
  return workloadFacts({ managedFields: [{ manager, operation, time: '2026-11-20T10:00:00Z', fieldsV1 }] });
}

const plain = workloadFacts();
const pausedKey = 'autoscaling.keda.sh/paused';

const cases: readonly Case[] = [
  [
    'an autoscaler with a minimum of 4 leaves zero alone',
    plain,
    { autoscalers: foundOf(autoscaler()) },
    { owner: 'hpa', will: 'leave', says: 'as its minimum is 4; once 10 are back it goes on from there (4 to 20)' },
  ],
  [
    'an autoscaler without a minimum has one of 1',
    plain,
    { autoscalers: foundOf(autoscaler({ minReplicas: undefined })) },
    { will: 'leave', says: 'its minimum is 1' },
  ],
  [
    'an autoscaler raises what was restored below its minimum',
    workloadFacts({}, 3),
    { autoscalers: foundOf(autoscaler()) },
    { will: 'leave', says: 'once 3 are back it raises it to 4' },
  ],
  [
    'an autoscaler with a minimum of 0 acts at zero',
    plain,
    { autoscalers: foundOf(autoscaler({ minReplicas: 0 })) },
    { will: 'undo', withinMs: 15_000, suspension: null, says: 'scales from 0' },
  ],
  [
    'an autoscaler undoes one replica',
    { ...plain, injected: 1 },
    { autoscalers: foundOf(autoscaler()) },
    { will: 'undo', says: 'asks for at least 4' },
  ],
  [
    'KEDA puts back to its minimum, and can be paused',
    plain,
    { scaledObjects: foundOf(scaledObject()) },
    { owner: 'keda', will: 'undo', withinMs: 30_000, says: 'asks for at least 2' },
  ],
  [
    'KEDA with a minimum of 0 waits for a trigger',
    plain,
    { scaledObjects: foundOf(scaledObject({ minReplicaCount: 0, pollingInterval: 5 })) },
    { will: 'undo', withinMs: 5_000, says: 'within 5 s of a trigger being active (prometheus)' },
  ],
  [
    'KEDA that is paused leaves it alone',
    plain,
    { scaledObjects: foundOf(scaledObject({}, { [pausedKey]: 'true' })) },
    { will: 'leave', says: 'is paused' },
  ],
  [
    'KEDA that is paused at 5 replicas keeps them, and is not suspended over that',
    plain,
    { scaledObjects: foundOf(scaledObject({}, { 'autoscaling.keda.sh/paused-replicas': '5' })) },
    { will: 'undo', suspension: null, says: 'paused at 5 replicas, and puts deployment/agent-api back to them' },
  ],
  [
    'Argo CD with self-heal undoes within seconds',
    workloadFacts(tracked),
    { applications: foundOf(application()) },
    { owner: 'argo-cd', will: 'undo', withinMs: 5_000, says: 'puts deployment/agent-api back within 5 s' },
  ],
  [
    'Argo CD that tracks by label is found by what it says it manages',
    workloadFacts({ labels: { 'app.kubernetes.io/instance': 'agent' } }),
    { applications: foundOf(application()) },
    { owner: 'argo-cd', will: 'undo', says: 'self-heal is on' },
  ],
  [
    'Argo CD without self-heal leaves it alone',
    workloadFacts(tracked),
    { applications: foundOf(application({ syncPolicy: { automated: { prune: true } } })) },
    { will: 'leave', says: 'does not heal itself' },
  ],
  [
    'Argo CD that ignores the replicas leaves them alone',
    workloadFacts(tracked),
    {
      applications: foundOf(
        application({ ignoreDifferences: [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }] }),
      ),
    },
    { will: 'leave', says: 'ignores differences in the replicas' },
  ],
  [
    'Argo CD that has no replicas in git leaves them alone',
    workloadFacts({
      annotations: {
        ...tracked.annotations,
        'kubectl.kubernetes.io/last-applied-configuration': '{"kind":"Deployment","spec":{"template":{}}}',
      },
    }),
    { applications: foundOf(application()) },
    { will: 'leave', says: 'does not set the replicas' },
  ],
  [
    'Argo CD below an ApplicationSet cannot be suspended',
    workloadFacts(tracked),
    { applications: foundOf(application({}, ownedBySet)) },
    { will: 'undo', suspension: null, says: 'it belongs to ApplicationSet agents' },
  ],
  [
    'Argo CD in another cluster may undo it',
    workloadFacts(tracked),
    {},
    { will: 'maybe-undo', suspension: null, says: 'it is not in this cluster' },
  ],
  [
    'Flux undoes at its interval what it applies, and passes over one object',
    workloadFacts(appliedByFlux),
    { kustomizations: foundOf(kustomization()) },
    { owner: 'flux', will: 'undo', withinMs: 600_000, says: 'within 10m0s' },
  ],
  [
    'Flux that does not apply the replicas leaves them alone',
    workloadFacts({ labels: kustomizationLabels }),
    { kustomizations: foundOf(kustomization()) },
    { will: 'leave', says: 'does not set the replicas' },
  ],
  [
    'Flux that is suspended leaves it alone',
    workloadFacts(appliedByFlux),
    { kustomizations: foundOf(kustomization({ suspend: true })) },
    { will: 'leave', says: 'is suspended' },
  ],
  [
    'Flux that we may not read may undo it',
    workloadFacts(appliedByFlux),
    { kustomizations: { status: 'forbidden', because: 'RBAC' } },
    { will: 'maybe-undo', says: 'we may not read it' },
  ],
  [
    'a HelmRelease that corrects drift undoes',
    workloadFacts({ labels: helmLabels }),
    { helmReleases: foundOf(helmRelease()) },
    { owner: 'flux', will: 'undo', withinMs: 300_000, says: 'corrects drift' },
  ],
  [
    'a HelmRelease that corrects no drift leaves it alone',
    workloadFacts({ labels: helmLabels }),
    { helmReleases: foundOf(helmRelease({ driftDetection: { mode: 'warn' } })) },
    { will: 'leave', says: 'until its next release' },
  ],
  [
    'an operator that controls the workload may undo it',
    workloadFacts({ ownerReferences: [{ apiVersion: 'agents.io/v1', kind: 'Agent', name: 'main', controller: true }] }),
    {},
    { owner: 'operator', will: 'maybe-undo', suspension: null, says: 'Agent main made deployment/agent-api' },
  ],
  [
    'an operator that writes the replicas may undo it',
    writtenBy('agent-operator', 'Update'),
    {},
    { owner: 'operator', will: 'maybe-undo', says: 'agent-operator set the replicas' },
  ],
  [
    'whoever applies the replicas may undo it',
    writtenBy('spinnaker', 'Apply'),
    {},
    { owner: 'operator', will: 'maybe-undo', says: 'spinnaker set the replicas' },
  ],
  [
    'a disruption budget in pods is against it',
    plain,
    { budgets: foundOf(budget({ minAvailable: 9 })) },
    { owner: 'disruption-budget', will: 'forbid', says: 'at least 9 of the 10 pods' },
  ],
  [
    'a disruption budget in percent that may be disrupted is against it',
    plain,
    { budgets: foundOf(budget({ maxUnavailable: '25%' })) },
    { will: 'forbid', says: 'at least 7 of the 10 pods' },
  ],
  [
    'a disruption budget that allows all to go is no obstacle',
    plain,
    { budgets: foundOf(budget({ maxUnavailable: '100%' })) },
    { will: 'leave', says: 'allows deployment/agent-api to have 0 pods' },
  ],
  [
    'a disruption budget by expressions is about the pods that it selects',
    plain,
    {
      budgets: foundOf(
        budget({
          minAvailable: 1,
          selector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }] },
        }),
      ),
    },
    { will: 'forbid', says: 'at least 1' },
  ],
  [
    'a cluster autoscaler may take the nodes away',
    plain,
    { clusterAutoscaler: foundOf(objectOf('configmaps', { metadata: { name: 'status', namespace: 'kube-system' } })) },
    { owner: 'node-autoscaler', will: 'leave', withinMs: 600_000, says: 'fails back only when new nodes are up' },
  ],
  [
    'Karpenter may take the nodes away',
    plain,
    {
      karpenterNodes: foundOf(
        objectOf('nodes', { metadata: { name: 'n1', labels: { 'karpenter.sh/nodepool': 'spot' } } }),
      ),
    },
    { owner: 'node-autoscaler', will: 'leave', says: 'Karpenter (NodePool spot)' },
  ],
  [
    'what we may not list is unknown',
    plain,
    { budgets: { status: 'forbidden', because: 'RBAC' } },
    { owner: 'disruption-budget', will: 'unread', says: 'we may not read them (RBAC)' },
  ],
];

describe('the preflight', () => {
  for (const [claim, facts, owners, { says, ...want }] of cases) {
    test(claim, () => {
      const findings = findingsOf(facts, { ...noOwners, ...owners });
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject(want);
      expect(findings[0]?.sentence).toContain(says);
    });
  }

  test('says nothing of what is about other workloads, or about nothing', () => {
    const other = { kind: 'Deployment', name: 'other', apiVersion: 'apps/v1' };
    const copied = { annotations: { 'argocd.argoproj.io/tracking-id': 'agent:apps/Deployment:shop/other' } };
    const findings = findingsOf(workloadFacts({ ...copied, labels: { 'app.kubernetes.io/instance': 'helm' } }), {
      ...noOwners,
      autoscalers: foundOf(autoscaler({ scaleTargetRef: other }), autoscaler({}, ofKeda)),
      scaledObjects: foundOf(scaledObject({ scaleTargetRef: { name: 'agent-api', kind: 'StatefulSet' } })),
      applications: foundOf(application()),
      budgets: foundOf(
        budget({ minAvailable: 1, selector: { matchLabels: { app: 'other' } } }),
        budget({ selector: null }),
      ),
    });
    expect(findings).toEqual([]);
  });
});
