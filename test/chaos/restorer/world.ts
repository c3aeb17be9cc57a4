import { undoKey } from '../../../chaos/cluster.ts';
import type { Fault } from '../../../chaos/fault.ts';
import { type ScaleUndo, scaleToZero } from '../../../chaos/faults/scale-to-zero.ts';
import { type RestorerEnd, runRestorer } from '../../../chaos/restorer.ts';
import { createLease, type HeldLease } from '../../../chaos/runner/lease.ts';
import { type FakeClock, fakeClock } from '../../fakes/clock.ts';
import { type FakeCluster, fakeCluster } from '../../fakes/cluster.ts';

export const names = ['deployment/agent-api', 'statefulset/agent-worker'] as const;
export const leaseName = 'blackstart-d1';
export const open = new AbortController().signal;
const durationMs = 2_000;

/** A runner's part of a drill, by hand, and restorers to watch over it. */
export type RestorerWorld = {
  readonly clock: FakeClock;
  readonly cluster: FakeCluster;
  readonly fault: Fault<ScaleUndo>;
  readonly undo: ScaleUndo;
  readonly lease: HeldLease;
  readonly said: string[];
  /** Starts one; `sigterm` ends it. */
  restorer(instance?: string): { readonly end: Promise<RestorerEnd>; sigterm(): void };
};

/** A drill that is armed; with `injected`, both workloads are down. */
export async function restorerWorld({ injected }: { readonly injected: boolean }): Promise<RestorerWorld> {
  const clock = fakeClock();
  const cluster = fakeCluster({ clock, workloads: { [names[0]]: 10, [names[1]]: 4 } });
  const workloads = [
    { kind: 'deployment', name: 'agent-api' },
    { kind: 'statefulset', name: 'agent-worker' },
  ];
  const plan = { context: 'us-east-1', namespace: 'default', workloads };
  const runner = cluster.as('runner');
  const fault = scaleToZero({ drill: 'd1', region: 'us-east-1', plan }, runner, clock);
  const undo = await fault.plan(open);
  const annotations = { [undoKey]: JSON.stringify(undo) };
  const lease = await createLease(runner, { drill: 'd1', holder: 'runner-d1', durationMs, annotations }, clock, open);
  await fault.arm(undo, open);
  if (injected) await fault.inject(undo, open);
  const said: string[] = [];
  return {
    clock,
    cluster,
    fault,
    undo,
    lease,
    said,
    restorer(instance = '1') {
      const signal = new AbortController();
      const message = (text: string): void => void said.push(text);
      const deps = { cluster: cluster.as('restorer'), clock, instance, signal: signal.signal, message };
      const end = runRestorer('d1', deps);
      end.catch(() => undefined);
      return { end, sigterm: () => signal.abort(new Error('SIGTERM')) };
    },
  };
}

/** Moves time on until it is settled. */
export async function inTime<T>({ clock }: RestorerWorld, work: Promise<T>, limitMs = 120_000): Promise<T> {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  work.then(done, done);
  for (let passedMs = 0; !settled; passedMs += 50) {
    if (passedMs > limitMs) throw new Error(`not settled within ${limitMs} ms`);
    await clock.advance(50);
  }
  return work;
}
