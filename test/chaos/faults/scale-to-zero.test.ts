import { describe, expect, test } from 'vitest';
import { type ScaleUndo, type Suspension, scaleToZero } from '../../../chaos/faults/scale-to-zero.ts';
import type { KubernetesPlan } from '../../../scenarios/scenario.ts';
import { type FaultWorld, faultConforms } from '../../conformance/faults.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { fakeCluster } from '../../fakes/cluster.ts';
import { annotationsIn, paused, reconciling, suspending as suspensionsIn } from '../../fakes/suspensions.ts';

const plan: KubernetesPlan = {
  context: 'us-east-1',
  namespace: 'default',
  workloads: [
    { kind: 'deployment', name: 'agent-api' },
    { kind: 'statefulset', name: 'agent-worker' },
    { kind: 'rollouts.argoproj.io', name: 'agent-edge' },
  ],
};
const names = ['deployment/agent-api', 'statefulset/agent-worker', 'rollouts.argoproj.io/agent-edge'] as const;
const open = new AbortController().signal;

function world(suspensions: readonly Suspension[] = []) {
  const clock = fakeClock();
  const workloads = { [names[0]]: 10, [names[1]]: 20, [names[2]]: 5 };
  const cluster = fakeCluster({ clock, workloads });
  const fault = scaleToZero({ drill: 'd1', region: 'us-east-1', plan, suspensions }, cluster.as('runner'), clock);
  return { clock, cluster, fault };
}

function suspending() {
  const made = world(suspensionsIn);
  reconciling(made.cluster);
  return made;
}

function conforming({ clock, cluster, fault }: ReturnType<typeof world>): FaultWorld<ScaleUndo> {
  return {
    fault,
    async state() {
      await clock.advance(10);
      return names.map((name) => ({
        replicas: cluster.replicas(name),
        ready: cluster.ready(name),
        mark: cluster.mark(name),
        extras: annotationsIn(cluster.objects.extras.get(name)),
        scaler: annotationsIn(cluster.objects.read(paused.resource.concat('.keda.sh'), 'default', 'agent-api')),
        application: annotationsIn(cluster.objects.read('applications.argoproj.io', 'argocd', 'agent')),
        grants: [...cluster.objects.grants],
      }));
    },
    calls: () => cluster.calls.length,
    mishap(number, how) {
      cluster.fate = (call) => (call.number === number ? how : 'done');
    },
    land: cluster.land,
    disturb() {
      const seen = new Set<string>();
      cluster.fate = (call) => {
        if (call.isWrite && !seen.has(call.name)) {
          seen.add(call.name);
          for (const name of names) cluster.touch(name);
        }
        return 'done';
      };
    },
  };
}

faultConforms('scale-to-zero', () => conforming(world()));
faultConforms('scale-to-zero with suspensions', () => conforming(suspending()));

describe('scale-to-zero', () => {
  test('takes workloads away in their order and puts them back in reverse', async () => {
    const { cluster, fault } = world();
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    const from = cluster.calls.length;
    await fault.inject(undo, open);
    await fault.restore(undo, open);
    const scales = cluster.calls.slice(from).filter(({ name }) => name.startsWith('scale'));
    expect(scales.map(({ name }) => name)).toEqual([
      'scale 0',
      'scale 0',
      'scale 0',
      'scale 5',
      'scale 20',
      'scale 10',
    ]);
  });

  test('writes restoring on every workload before it reads any to put back', async () => {
    const { cluster, fault } = world();
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    const from = cluster.calls.length;
    await fault.restore(undo, open);
    const writes = cluster.calls.slice(from).filter(({ isWrite }) => isWrite);
    expect(writes.map(({ name }) => name)).toEqual([
      'mark restoring',
      'mark restoring',
      'mark restoring',
      'scale 5',
      'mark restored',
      'scale 20',
      'mark restored',
      'scale 10',
      'mark restored',
    ]);
  });

  test('refuses a workload that another drill holds', async () => {
    const { cluster, fault } = world();
    const mark = { drill: 'd0', uid: 'uid-deployment/agent-api', original: 10, injected: 0, at: '' };
    cluster.markByHand(names[0], { ...mark, state: 'injected' });
    await expect(fault.arm(await fault.plan(open), open)).rejects.toThrow('says injected for drill d0');
    cluster.markByHand(names[0], { ...mark, state: 'restored' });
    await fault.arm(await fault.plan(open), open);
    expect(cluster.mark(names[0])).toMatchObject({ drill: 'd1', state: 'armed' });
  });

  test('refuses what has no replicas to take away', async () => {
    const { cluster, fault } = world();
    cluster.scaleByHand(names[1], 0);
    await expect(fault.plan(open)).rejects.toThrow('0 replicas already');
  });

  test('leaves replicas that somebody else chose during the drill, and says who', async () => {
    const { cluster, fault } = world();
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    cluster.scaleByHand(names[0], 3);
    cluster.scaleByHand(names[1], 25);
    await fault.restore(undo, open);
    expect([cluster.replicas(names[0]), cluster.replicas(names[1])]).toEqual([3, 25]);
    const { left, notes } = await fault.remains(undo, open);
    expect(left).toEqual(['deployment/agent-api in us-east-1 has 3 replicas, had 10: changed by kubectl-scale']);
    expect(notes).toEqual(['statefulset/agent-worker in us-east-1 has 25 replicas, had 20: changed by kubectl-scale']);
  });

  test('a late restore does not undo what a person did after the mending', async () => {
    const { cluster, fault } = world();
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    await fault.restore(undo, open);
    cluster.scaleByHand(names[0], 0);
    await fault.restore(undo, open);
    await fault.disarm(undo, open);
    await fault.restore(undo, open);
    expect(cluster.replicas(names[0])).toBe(0);
  });

  test('mends also when somebody has removed the annotation', async () => {
    const { cluster, fault } = world();
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    cluster.markByHand(names[0], null);
    await fault.restore(undo, open);
    expect(cluster.replicas(names[0])).toBe(10);
  });

  test('names a workload that is gone, and mends the others', async () => {
    const { cluster, fault } = world();
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    cluster.remove(names[1]);
    await fault.restore(undo, open);
    expect(cluster.replicas(names[0])).toBe(10);
    expect((await fault.remains(undo, open)).left).toEqual([
      'statefulset/agent-worker in us-east-1 is gone: deleted by somebody else; it had 20 replicas',
    ]);
  });

  test('goes on after a conflict only while the annotation is armed with its own id', async () => {
    const { cluster, fault } = world();
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    const mark = cluster.mark(names[0]);
    cluster.fate = (call) => {
      if (call.name === 'scale 0' && mark !== null) cluster.markByHand(names[0], { ...mark, state: 'restoring' });
      return 'done';
    };
    await expect(fault.inject(undo, open)).rejects.toThrow('its annotation says restoring for drill d1');
    expect(cluster.replicas(names[0])).toBe(10);
  });
});
