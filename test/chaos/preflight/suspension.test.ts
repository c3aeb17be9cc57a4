import { describe, expect, test } from 'vitest';
import { scaleToZero } from '../../../chaos/faults/scale-to-zero.ts';
import { findingsOf } from '../../../chaos/preflight/classify.ts';
import { undoneBy } from '../../../chaos/preflight/undone.ts';
import { describeFindings, preflight, suspensionsFor } from '../../../chaos/preflight.ts';
import { restorerRules } from '../../../chaos/restorer/rules.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { fakeCluster } from '../../fakes/cluster.ts';
import {
  application,
  appliedByFlux,
  autoscaler,
  foundOf,
  kustomization,
  noOwners,
  objectOf,
  scaledObject,
  workloadFacts,
} from '../../fakes/owners-of-replicas.ts';
import { paused, reconciling, suspending } from '../../fakes/suspensions.ts';

const open = new AbortController().signal;
const name = 'deployment/agent-api';
const api = { kind: 'deployment', name: 'agent-api' } as const;
const plan = { context: 'us-east-1', namespace: 'default', workloads: [api] };

async function dark() {
  const clock = fakeClock();
  const cluster = fakeCluster({ clock, workloads: { [name]: 10 } });
  reconciling(cluster);
  const client = cluster.as('runner');
  const fault = scaleToZero({ drill: 'd1', region: 'us-east-1', plan, suspensions: suspending }, client, clock);
  const undo = await fault.plan(open);
  await fault.arm(undo, open);
  const armed = cluster.objects.read('scaledobjects.keda.sh', 'default', 'agent-api');
  await fault.inject(undo, open);
  return { clock, cluster, client, fault, undo, armed };
}

function pausedIn({ cluster }: Awaited<ReturnType<typeof dark>>): unknown {
  const body = cluster.objects.read('scaledobjects.keda.sh', 'default', 'agent-api');
  return (body?.['metadata'] as { readonly annotations: object } | undefined)?.annotations;
}

describe('what would undo a drill', () => {
  test('is suspended from injection to restore, noted on itself, and given back as it was', async () => {
    const drill = await dark();
    expect(drill.armed).toMatchObject({
      metadata: { annotations: { 'blackstart.dev/suspension': '{"drill":"d1","state":"armed"}' } },
    });
    expect(pausedIn(drill)).toEqual({
      'autoscaling.keda.sh/paused': 'true',
      'blackstart.dev/suspension': '{"drill":"d1","state":"suspended"}',
    });
    const before = await drill.fault.remains(drill.undo, open);
    expect(before.left).toContain(
      'ScaledObject default/agent-api in us-east-1 is still suspended: metadata.annotations["autoscaling.keda.sh/paused"] is "true", was absent',
    );
    await drill.fault.restore(drill.undo, open);
    expect(await drill.fault.remains(drill.undo, open)).toMatchObject({ left: [], notes: [] });
    await drill.fault.disarm(drill.undo, open);
    expect(pausedIn(drill)).toEqual({});
  });

  test('is resumed only when the workloads are back', async () => {
    const { cluster, fault, undo } = await dark();
    const from = cluster.calls.length;
    await fault.restore(undo, open);
    const writes = cluster.calls.slice(from).filter(({ isWrite }) => isWrite);
    expect(writes.map((call) => call.name)).toEqual([
      'mark restoring',
      'scale 10',
      'mark restored',
      'change',
      'change',
      'change',
    ]);
  });

  test('stays as somebody else has left it, and that is a note', async () => {
    const drill = await dark();
    const [suspension] = drill.undo.suspensions ?? [];
    const at = suspension === undefined ? null : await drill.client.object(suspension, open);
    if (at === null) throw new Error('no ScaledObject');
    await drill.client.change(at, [{ path: paused.path, value: 'false' }], { dryRun: false }, open);
    await drill.fault.restore(drill.undo, open);
    const { left, notes } = await drill.fault.remains(drill.undo, open);
    expect(left).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('was no longer suspended: metadata.annotations')]);
    expect(pausedIn(drill)).toMatchObject({ 'autoscaling.keda.sh/paused': 'false' });
  });

  test('is not suspended where another drill has it, nor where it is no longer as planned', async () => {
    const { fault, clock, client } = await dark();
    const other = scaleToZero({ drill: 'd2', region: 'us-east-1', plan, suspensions: [paused] }, client, clock);
    await expect(other.arm({ ...(await fault.plan(open).catch(() => null)), ...undoOf('d2') }, open)).rejects.toThrow(
      'its annotation says suspended for drill d1',
    );
  });

  test('that is gone is a note, and keeps nothing from being restored', async () => {
    const { cluster, fault, undo } = await dark();
    cluster.objects.remove('scaledobjects.keda.sh', 'default', 'agent-api');
    await fault.restore(undo, open);
    expect(cluster.replicas(name)).toBe(10);
    const { left, notes } = await fault.remains(undo, open);
    expect([left, notes]).toEqual([
      [],
      ['ScaledObject default/agent-api in us-east-1 was deleted by somebody else during the drill'],
    ]);
    await fault.disarm(undo, open);
  });

  test("is within the restorer's rights, elsewhere by a grant of its own", async () => {
    const { cluster, fault, undo } = await dark();
    expect([...cluster.objects.grants]).toEqual(['argocd d1']);
    const rules = restorerRules(undo);
    expect(rules).toContainEqual({
      group: 'keda.sh',
      resources: ['scaledobjects'],
      verbs: ['get', 'patch'],
      names: ['agent-api'],
    });
    expect(rules.flatMap(({ resources }) => resources)).not.toContain('applications');
    await fault.restore(undo, open);
    await fault.disarm(undo, open);
    expect([...cluster.objects.grants]).toEqual([]);
  });
});

function undoOf(drill: string) {
  const workloads: never[] = [];
  const place = { context: 'us-east-1', namespace: 'default' };
  return { fault: 'scale-to-zero', drill, region: 'us-east-1', ...place, workloads, suspensions: [paused] } as const;
}

describe('findings of a preflight', () => {
  test('are read from the cluster, with what the drill may suspend', async () => {
    const clock = fakeClock();
    const cluster = fakeCluster({ clock, workloads: { [name]: 10 } });
    reconciling(cluster);
    cluster.objects.forbidden.add('poddisruptionbudgets.policy');
    const findings = await preflight(cluster.as('runner'), [api], open);
    expect(describeFindings(findings, ['keda'])).toEqual([
      expect.stringMatching(/^suspended meanwhile: ScaledObject default\/agent-api puts deployment\/agent-api back/),
      expect.stringMatching(/^unknown: whether PodDisruptionBudgets are about deployment\/agent-api is unknown/),
    ]);
    expect(describeFindings(findings, [])[0]).toMatch(/^undoes it: /);
    expect(suspensionsFor(findings, ['keda'])).toEqual([paused]);
    expect(suspensionsFor(findings, ['flux'])).toEqual([]);
  });

  test('suspend the least that does', () => {
    const tracked = { 'argocd.argoproj.io/tracking-id': 'agent:apps/Deployment:shop/agent-api' };
    const findings = findingsOf(workloadFacts({ ...appliedByFlux, annotations: tracked }), {
      ...noOwners,
      scaledObjects: foundOf(scaledObject()),
      applications: foundOf(application()),
      kustomizations: foundOf(kustomization()),
    });
    const suspensions = suspensionsFor(findings, ['keda', 'argo-cd', 'flux']);
    expect(
      suspensions.map(({ kind, namespace, path, before, during }) => [kind, namespace, path.at(-1), before, during]),
    ).toEqual([
      ['ScaledObject', 'shop', 'autoscaling.keda.sh/paused', null, 'true'],
      ['Application', 'argocd', 'argocd.argoproj.io/skip-reconcile', null, 'true'],
      ['Deployment', 'shop', 'kustomize.toolkit.fluxcd.io/reconcile', null, 'disabled'],
    ]);
  });
});

describe('replicas that come back before the drill puts them back', () => {
  test('were restored by somebody else, and it is said by whom', async () => {
    const { cluster, client, undo } = await dark();
    expect(undoneBy(await client.workload(api, open), undo, [], null)).toBeNull();
    cluster.scaleByHand(name, 4);
    const at = { ...(await client.workload(api, open)), managers: ['kube-controller-manager'] };
    const facts = { ...workloadFacts(), namespace: 'default' };
    const owners = findingsOf(facts, { ...noOwners, autoscalers: foundOf(autoscaler()) });
    const event = objectOf('events', {
      metadata: { name: 'agent-api.1', namespace: 'default' },
      reason: 'SuccessfulRescale',
      message: 'New size: 4; reason: Current number of replicas below Spec.MinReplicas',
      involvedObject: { kind: 'HorizontalPodAutoscaler', name: 'agent-api' },
    });
    expect(undoneBy(at, undo, owners, foundOf(event))).toBe(
      'deployment/agent-api has 4 replicas, the drill set 0: changed by kube-controller-manager, HorizontalPodAutoscaler shop/agent-api, which said "New size: 4; reason: Current number of replicas below Spec.MinReplicas". What comes back from here on was restored by somebody else, and is no recovery',
    );
  });
});
