import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../chaos/fault.ts';
import { type ScaleUndo, scaleToZero } from '../../../chaos/faults/scale-to-zero.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { type FakeCluster, fakeCluster } from '../../fakes/cluster.ts';

const open = new AbortController().signal;
const name = 'deployment/agent-api';
const plan = {
  context: 'us-east-1',
  namespace: 'default',
  workloads: [{ kind: 'deployment', name: 'agent-api' }],
} as const;

/** Several that act on one cluster at once, each waiting at every call until it is given its turn. */
type Actor = { readonly by: string; readonly act: (fault: Fault<ScaleUndo>, undo: ScaleUndo) => Promise<unknown> };
type Choose = (waiting: number) => number;

/** A runner that has not noticed that its Lease is gone: nothing but the annotation stops it. */
const runner: Actor = { by: 'runner', act: (fault, undo) => fault.inject(undo, open) };
/** The same, mending after what went wrong. */
const mendingRunner: Actor = {
  by: 'runner',
  act: (fault, undo) => fault.inject(undo, open).then(() => fault.restore(undo, open)),
};
const mender = (by: string): Actor => ({
  by,
  async act(fault, undo) {
    await fault.restore(undo, open);
    await fault.disarm(undo, open);
  },
});

async function play(actors: readonly Actor[], choose: Choose): Promise<FakeCluster> {
  const clock = fakeClock();
  const cluster = fakeCluster({ clock, workloads: { [name]: 10 } });
  const faultOf = (by: string) => scaleToZero({ drill: 'd1', region: 'us-east-1', plan }, cluster.as(by), clock);
  const undo = await faultOf('runner').plan(open);
  await faultOf('runner').arm(undo, open);
  const waiting = new Map<string, () => void>();
  cluster.fate = ({ by }) => new Promise((resolve) => waiting.set(by, () => resolve('done')));
  let running = actors.length;
  for (const { by, act } of actors) {
    const ended = (): void => {
      running -= 1;
    };
    // Who is stopped by the other's mark rejects, and that is as it should be.
    act(faultOf(by), undo).then(ended, ended);
  }
  await settled();
  while (running > 0) {
    const names = [...waiting.keys()].toSorted();
    const turn = names[choose(names.length)];
    if (turn === undefined) throw new Error('nobody waits, and somebody is not done');
    const go = waiting.get(turn);
    waiting.delete(turn);
    go?.();
    await settled();
  }
  return cluster;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 25; turn += 1) await Promise.resolve();
}

/** Plays every schedule there is, and says how many there were. */
async function everySchedule(actors: readonly Actor[], check: (cluster: FakeCluster) => void): Promise<number> {
  let prefix: readonly number[] = [];
  for (let played = 1; ; played += 1) {
    const made: { readonly choice: number; readonly of: number }[] = [];
    const cluster = await play(actors, (of) => {
      const choice = prefix[made.length] ?? 0;
      made.push({ choice, of });
      return choice;
    });
    check(cluster);
    const last = made.findLastIndex(({ choice, of }) => choice + 1 < of);
    if (last === -1) return played;
    prefix = [...made.slice(0, last).map(({ choice }) => choice), (made[last]?.choice ?? 0) + 1];
  }
}

describe('a runner that is cut off, and one who mends', () => {
  test('leave replicas right in every interleaving of their calls', async () => {
    const played = await everySchedule([runner, mender('recover')], (cluster) => {
      if (cluster.replicas(name) === 10 && cluster.mark(name) === null) return;
      throw new Error(`left wrong by ${cluster.calls.map(({ by, name: call }) => `${by}: ${call}`).join(', ')}`);
    });
    expect(played).toBeGreaterThan(1_000);
  });

  test('also when the runner mends too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(1)), async (choices) => {
        const cluster = await play([mendingRunner, mender('recover')], (of) => choices.next().value % of);
        expect(cluster.replicas(name)).toBe(10);
      }),
      { numRuns: 500 },
    );
  });

  test('also when two mend at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(5)), async (choices) => {
        const actors = [runner, mender('recover-1'), mender('recover-2')];
        const cluster = await play(actors, (of) => choices.next().value % of);
        expect(cluster.replicas(name)).toBe(10);
        expect(cluster.mark(name)).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });
});
