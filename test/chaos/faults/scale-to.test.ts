import { describe, expect, test } from 'vitest';
import { staying } from '../../../chaos/faults/scale-to.ts';
import { type AnyUndo, faultOf } from '../../../chaos/faults.ts';
import { type FaultWorld, faultConforms } from '../../conformance/faults.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { fakeCluster } from '../../fakes/cluster.ts';

const name = 'deployment/agent-api';
const open = new AbortController().signal;

function world(share: number, replicas = 10) {
  const clock = fakeClock();
  const cluster = fakeCluster({ clock, workloads: { [name]: replicas } });
  const plan = { context: 'us-east-1', namespace: 'default', workloads: [{ kind: 'deployment', name: 'agent-api' }] };
  const deps = {
    drill: 'd1',
    clock,
    suspensions: [],
    ensure: async () => undefined,
    switchboard: () => null,
    leaseMs: 2_000,
  };
  const workloads = { plan, cluster: cluster.as('runner') };
  return { clock, cluster, fault: faultOf({ kind: 'scale-to', region: 'us-east-1', share }, { ...deps, workloads }) };
}

function conforming(share: number): FaultWorld<AnyUndo> {
  const { clock, cluster, fault } = world(share);
  return {
    fault,
    async state() {
      await clock.advance(10);
      return { replicas: cluster.replicas(name), ready: cluster.ready(name), mark: cluster.mark(name) };
    },
    calls: () => cluster.calls.length,
    mishap(number, how) {
      cluster.fate = (call) => (call.number === number ? how : 'done');
    },
    land: cluster.land,
    disturb() {
      let first = true;
      cluster.fate = (call) => {
        if (call.isWrite && first) {
          first = false;
          cluster.touch(name);
        }
        return 'done';
      };
    },
  };
}

faultConforms('scale-to 0.3', () => conforming(0.3));
faultConforms('scale-to 0', () => conforming(0));

describe('scale-to', () => {
  test('leaves the share that was asked for', async () => {
    const { cluster, fault } = world(0.3);
    const undo = await fault.plan(open);
    await fault.arm(undo, open);
    await fault.inject(undo, open);
    expect(cluster.replicas(name)).toBe(3);
  });

  test('takes at least one and, for a share above 0, leaves at least one, of any number of replicas', () => {
    for (let original = 2; original <= 100; original += 1) {
      for (const share of [0.001, 0.01, 0.25, 0.5, 0.75, 0.99]) {
        const left = staying(original, share, 'w');
        expect(left, `${share} of ${original}`).toBeGreaterThanOrEqual(1);
        expect(left, `${share} of ${original}`).toBeLessThan(original);
      }
      expect(staying(original, 0, 'w')).toBe(0);
    }
  });

  test('refuses a workload of which none can go while one stays', async () => {
    await expect(world(0.5, 1).fault.plan(open)).rejects.toThrow('has 1 replica: none can go while one stays');
  });
});
