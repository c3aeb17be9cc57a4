/** Runner, restorer and `recover` on one cluster at once: every order in which their calls can reach it. */
import { describe, expect, test } from 'vitest';
import { type Cluster, type DrillMark, leaseNameOf } from '../../../chaos/cluster.ts';
import type { Fault } from '../../../chaos/fault.ts';
import { type ScaleUndo, scaleToZero } from '../../../chaos/faults/scale-to-zero.ts';
import { fenced } from '../../../chaos/runner/fenced.ts';
import { createLease, type HeldLease, takeLease } from '../../../chaos/runner/lease.ts';
import { fakeClock } from '../../fakes/clock.ts';
import type { FakeCluster } from '../../fakes/cluster.ts';
import { type Actor, type Enumerated, everyInterleaving, type World } from '../../fakes/interleavings.ts';

const open = new AbortController().signal;
const clock = fakeClock();
const name = 'deployment/agent-api';
const leaseName = leaseNameOf('d1');
const plan = {
  context: 'us-east-1',
  namespace: 'default',
  workloads: [{ kind: 'deployment', name: 'agent-api' }],
};

function faultOn(cluster: Cluster): Fault<ScaleUndo> {
  return scaleToZero({ drill: 'd1', region: 'us-east-1', plan }, cluster, clock);
}

type Part = (undo: ScaleUndo, lease: HeldLease) => Actor;
/** What an actor does to its calls: to show what each rule is for. */
type Habit = (cluster: Cluster) => Cluster;
const asItIs: Habit = (cluster) => cluster;

/**
 * A runner that does not notice that its Lease is gone, as one that is suspended: nothing but the annotation stops it.
 */
const runner =
  (habit: Habit = asItIs): Part =>
  (undo) => ({ by: 'runner', act: (cluster) => faultOn(habit(cluster)).inject(undo, open) });

/** One that goes on to mend and to sweep, whatever became of its injection. */
const mendingRunner: Part = (undo, lease) => ({
  by: 'runner',
  async act(cluster) {
    await faultOn(cluster)
      .inject(undo, open)
      .catch(() => undefined);
    const held = await takenBack(cluster, lease.name, 'runner-d1');
    if (held !== null) await mendUnder(held, cluster, undo, 'sweeps');
  },
});

/** Has seen the Lease silent: takes it over, mends, and leaves the marks. */
const restorer =
  (habit: Habit = asItIs): Part =>
  (undo) => ({
    by: 'restorer',
    async act(cluster) {
      const held = await takenBack(cluster, leaseName, 'restorer-1');
      if (held !== null) await mendUnder(held, habit(cluster), undo, 'leaves');
    },
  });

/** Likewise, and sweeps, the Lease last. */
const recover =
  (by = 'recover'): Part =>
  (undo) => ({
    by,
    async act(cluster) {
      const held = await takenBack(cluster, leaseName, by);
      if (held !== null) await mendUnder(held, cluster, undo, 'sweeps');
    },
  });

/** The Lease, however often another is faster: as if each holder fell silent at once. `null`: it is gone. */
async function takenBack(cluster: Cluster, lease: string, holder: string): Promise<HeldLease | null> {
  for (;;) {
    const seen = await cluster.lease(lease, open);
    if (seen === null) return null;
    const held = await takeLease(cluster, seen, holder, { clock: fakeClock(), signal: open });
    if (held !== null) return held;
  }
}

async function mendUnder(held: HeldLease, cluster: Cluster, undo: ScaleUndo, then: 'sweeps' | 'leaves'): Promise<void> {
  const fault = faultOn(fenced(cluster, held));
  await fault.restore(undo, open);
  if (then === 'leaves') return held.abandon();
  await fault.disarm(undo, open);
  await held.release(open);
}

/** No order of those who keep to the rules comes near it. */
const endless = 200;

function enumerated(
  parts: readonly Part[],
  limits: Partial<Pick<World, 'callLimit' | 'switchLimit'>> = {},
): Promise<Enumerated> {
  return everyInterleaving({
    callLimit: endless,
    ...limits,
    workloads: { [name]: 10 },
    async begin(cluster: FakeCluster) {
      const fault = faultOn(cluster.as('runner'));
      const undo = await fault.plan(open);
      const claim = { drill: 'd1', holder: 'runner-d1', durationMs: 2_000 };
      const lease = await createLease(cluster.as('runner'), claim, fakeClock(), open);
      await fault.arm(undo, open);
      return parts.map((part) => part(undo, lease));
    },
    judge(cluster) {
      if (cluster.replicas(name) !== 10) return `${cluster.replicas(name)} replicas`;
      const state = cluster.mark(name)?.state;
      return state === undefined || state === 'restored' ? null : `the annotation says ${state}`;
    },
  });
}

function tell(what: string, { situations, orders, wrong }: Enumerated): void {
  process.stdout.write(`  ${what}: ${situations} situations, ${orders} orders, ${wrong.length} endings wrong\n`);
}

/** The longest takes fifteen seconds of computing, on a machine with nothing else to do. */
const computedWithinMs = 300_000;

describe('every order of the calls of', () => {
  const casts: Readonly<Record<string, readonly Part[]>> = {
    'runner and restorer': [runner(), restorer()],
    'runner and recover': [runner(), recover()],
    'runner, restorer and recover': [runner(), restorer(), recover()],
    'a runner that mends too, and restorer': [mendingRunner, restorer()],
    'a runner that mends too, and recover': [mendingRunner, recover()],
  };
  for (const [what, parts] of Object.entries(casts)) {
    test(`${what} leaves replicas and annotation right`, { timeout: computedWithinMs }, async () => {
      const found = await enumerated(parts);
      tell(what, found);
      expect(found).toMatchObject({ wrong: [], cut: 0 });
      expect(found.orders).toBeGreaterThan(1_000n);
    });
  }
});

describe('however three turns fall among the calls of', () => {
  // All their orders take minutes.
  const casts: Readonly<Record<string, readonly Part[]>> = {
    'runner and two that recover': [runner(), recover('recover-1'), recover('recover-2')],
    'a runner that mends too, restorer and recover': [mendingRunner, restorer(), recover()],
  };
  for (const [what, parts] of Object.entries(casts)) {
    test(`${what}, replicas and annotation are left right`, { timeout: computedWithinMs }, async () => {
      const found = await enumerated(parts, { switchLimit: 3 });
      tell(what, found);
      expect(found).toMatchObject({ wrong: [], cut: 0 });
      expect(found.orders).toBeGreaterThan(1_000n);
    });
  }
});

describe('some order leaves a region dark', () => {
  /** Reads and puts back without having written `restoring` first. */
  const withoutRestoring: Habit = (cluster) => {
    let pretends = false;
    return {
      ...cluster,
      async mark(at, mark, signal) {
        if (mark?.state !== 'restoring') return cluster.mark(at, mark, signal);
        pretends = true;
        return { written: true, version: at.version };
      },
      async workload(workload, signal) {
        const at = await cluster.workload(workload, signal);
        const { mark } = at;
        if (!pretends || mark === null) return at;
        pretends = false;
        return { ...at, mark: { ...mark, state: 'restoring' } };
      },
    };
  };

  /** Goes on after a conflict without looking at the annotation again. */
  const withoutLooking: Habit = (cluster) => {
    let armed: DrillMark | null = null;
    return {
      ...cluster,
      async workload(workload, signal) {
        const at = await cluster.workload(workload, signal);
        armed ??= at.mark;
        return at.replicas === 0 ? at : { ...at, mark: armed };
      },
    };
  };

  test('where who mends does not write restoring first', async () => {
    const found = await enumerated([runner(), restorer(withoutRestoring)], { callLimit: 30 });
    tell('without restoring first', found);
    expect(found.wrong.filter((text) => text.startsWith('0 replicas'))).not.toEqual([]);
  });

  test('where the runner goes on after a conflict without looking at the annotation', async () => {
    const found = await enumerated([runner(withoutLooking), restorer()], { callLimit: 30 });
    tell('without looking again', found);
    expect(found.wrong.filter((text) => text.startsWith('0 replicas'))).not.toEqual([]);
  });
});
