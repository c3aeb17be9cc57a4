/** docs/drills/reconcilers.md says what preflight finds and what a drill suspends. */
import { describe, expect, test } from 'vitest';
import type { SuspensionMark } from '../../chaos/faults/scale-to-zero/suspension.ts';
import { findingsOf } from '../../chaos/preflight/classify.ts';
import type { OwnerFacts, WorkloadFacts } from '../../chaos/preflight/facts.ts';
import type { Finding, Owner } from '../../chaos/preflight/finding.ts';
import { suspendables } from '../../scenarios/scenario.ts';
import {
  application,
  appliedByFlux,
  autoscaler,
  budget,
  foundOf,
  helmLabels,
  helmRelease,
  kustomization,
  noOwners,
  objectOf,
  scaledObject,
  trackingId,
  workloadFacts,
} from '../fakes/owners-of-replicas.ts';
import { codeIn, pageText, rowsOf } from './pages.ts';

const page = pageText('reconcilers.md');
const rows = new Map(rowsOf(page, 'owner').map((row) => [codeIn(row[0]), row]));

type Found = readonly [WorkloadFacts, Partial<OwnerFacts>];
const node = objectOf('configmaps', { metadata: { name: 'cluster-autoscaler-status', namespace: 'kube-system' } });
const managedFields = [{ manager: 'shop-operator', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }];

/** Each owner as it usually is, beside a workload of ten that is taken to zero. */
const found: { readonly [O in Owner]: readonly Found[] } = {
  hpa: [[workloadFacts(), { autoscalers: foundOf(autoscaler()) }]],
  keda: [[workloadFacts(), { scaledObjects: foundOf(scaledObject()) }]],
  'argo-cd': [
    [
      workloadFacts({ annotations: { 'argocd.argoproj.io/tracking-id': trackingId } }),
      { applications: foundOf(application()) },
    ],
  ],
  flux: [
    [workloadFacts(appliedByFlux), { kustomizations: foundOf(kustomization()) }],
    [workloadFacts({ labels: helmLabels }), { helmReleases: foundOf(helmRelease()) }],
  ],
  operator: [[workloadFacts({ managedFields }), {}]],
  'disruption-budget': [[workloadFacts(), { budgets: foundOf(budget({ minAvailable: 9 })) }]],
  'node-autoscaler': [[workloadFacts(), { clusterAutoscaler: foundOf(node) }]],
};

function findingBy(owner: Owner, [facts, owners]: Found): Finding {
  const finding = findingsOf(facts, { ...noOwners, ...owners }).find((one) => one.owner === owner);
  if (finding === undefined) throw new Error(`${owner} was not found`);
  return finding;
}

test('each owner has its row, and each row its owner', () => {
  expect([...rows.keys()]).toEqual(Object.keys(found));
});

describe('the row of', () => {
  for (const owner of Object.keys(found) as Owner[]) {
    test(`${owner} says what it does at zero, and what a drill suspends`, () => {
      const [, does = '', suspends = ''] = rows.get(owner) ?? [];
      for (const one of found[owner]) {
        const { will, suspension } = findingBy(owner, one);
        const told = { leave: /leaves 0 alone|may take away/, undo: /puts? back|puts replicas back/ };
        if (will === 'leave' || will === 'undo') expect(does).toMatch(told[will]);
        if (suspension === null) expect(suspends).toMatch(/^nothing/);
        else expect(suspends).toContain(suspension.path.at(-1));
      }
    });
  }

  test('what a drill can suspend is what a scenario may name', () => {
    const can = [...rows].filter(([, [, , suspends = '']]) => !suspends.startsWith('nothing')).map(([owner]) => owner);
    expect(can).toEqual([...suspendables]);
    expect(page).toContain(`suspend: [${suspendables.join(', ')}]`);
  });

  test('who acts within a fixed time says it', () => {
    for (const owner of ['hpa', 'argo-cd'] as const) {
      const [first] = found[owner];
      const seconds = first === undefined ? 0 : (findingBy(owner, first).withinMs ?? 15_000) / 1_000;
      expect(rows.get(owner)?.at(3)).toMatch(new RegExp(`^${seconds} s`));
    }
  });
});

test('each state of a suspension has its row', () => {
  const states: { readonly [S in SuspensionMark['state']]: true } = { armed: true, suspended: true, resumed: true };
  expect(rowsOf(page, 'state').map(([state]) => codeIn(state))).toEqual(Object.keys(states));
});
