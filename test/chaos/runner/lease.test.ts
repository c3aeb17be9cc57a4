import { describe, expect, test } from 'vitest';
import { createLease, takeLease } from '../../../chaos/runner/lease.ts';
import { leaveStop, watchLease } from '../../../chaos/runner/lease-watch.ts';
import { type FakeClock, fakeClock } from '../../fakes/clock.ts';
import { type FakeCluster, fakeCluster } from '../../fakes/cluster.ts';

const open = new AbortController().signal;
const claim = { drill: 'd1', holder: 'runner-d1', durationMs: 2_000 };

function world(): { clock: FakeClock; cluster: FakeCluster } {
  const clock = fakeClock();
  return { clock, cluster: fakeCluster({ clock, workloads: { 'deployment/agent-api': 10 } }) };
}

describe('a held Lease', () => {
  test('is renewed six times within its duration', async () => {
    const { clock, cluster } = world();
    const lease = await createLease(cluster.as('runner'), claim, clock, open);
    const renewals = () => cluster.calls.filter(({ name }) => name === 'replace lease').length;
    await clock.advance(2_000);
    expect(renewals()).toBe(6);
    await lease.release(open);
    await clock.advance(2_000);
    expect(renewals()).toBe(6);
    expect(cluster.leases.size).toBe(0);
  });

  test('is lost when another holds it, and says who', async () => {
    const { clock, cluster } = world();
    const lease = await createLease(cluster.as('runner'), claim, clock, open);
    const [at] = [...cluster.leases.values()];
    if (at === undefined) throw new Error('no Lease');
    await takeLease(cluster.as('recover'), at, 'recover-1', { clock, signal: open });
    expect(await lease.confirm(open)).toBe(false);
    expect(lease.lost.reason).toMatchObject({ message: 'Lease blackstart-d1 was taken over by recover-1' });
    expect(await lease.release(open)).toBe(false);
    expect(cluster.leases.get('blackstart-d1')?.holder).toBe('recover-1');
  });

  test('survives a stop that was left on it, and hears it', async () => {
    const { clock, cluster } = world();
    const lease = await createLease(cluster.as('runner'), claim, clock, open);
    expect(lease.stopRequested()).toBeNull();
    expect(await leaveStop(cluster.as('operator'), 'blackstart-d1', 'lunch', open)).toBe(true);
    await clock.advance(300);
    expect(lease.stopRequested()).toBe('lunch');
    expect(lease.lost.aborted).toBe(false);
    expect(await lease.release(open)).toBe(true);
  });

  test('is made anew when somebody deletes it', async () => {
    const { clock, cluster } = world();
    const lease = await createLease(cluster.as('runner'), claim, clock, open);
    cluster.leases.clear();
    expect(await lease.confirm(open)).toBe(true);
    expect(cluster.leases.get('blackstart-d1')?.holder).toBe('runner-d1');
    lease.abandon();
  });

  test('counts for how long the cluster is silent', async () => {
    const { clock, cluster } = world();
    const lease = await createLease(cluster.as('runner'), claim, clock, open);
    cluster.fate = () => 'hangs';
    await clock.advance(3_000);
    expect(lease.silentForMs()).toBe(3_000);
    cluster.fate = () => 'done';
    await clock.advance(1_000);
    expect(lease.silentForMs()).toBeLessThan(400);
    lease.abandon();
  });

  test('whose creation was answered by nobody is found to be ours', async () => {
    const { clock, cluster } = world();
    cluster.fate = ({ name }) => (name === 'create lease' && cluster.leases.size === 0 ? 'lost-after' : 'done');
    await expect(createLease(cluster.as('runner'), claim, clock, open)).rejects.toThrow('the answer was lost');
    const lease = await createLease(cluster.as('runner'), claim, clock, open);
    expect(await lease.release(open)).toBe(true);
  });
});

describe('watching a Lease', () => {
  test('takes its whole duration to call it silent, whatever its wall clock says', async () => {
    const { clock, cluster } = world();
    const lease = await createLease(cluster.as('runner'), claim, clock, open);
    lease.abandon();
    clock.stepWall(3_600_000);
    const [first] = [...cluster.leases.values()];
    if (first === undefined) throw new Error('no Lease');
    let fate: string | undefined;
    void watchLease(cluster.as('recover'), first, clock, open).then(({ kind }) => {
      fate = kind;
    });
    await clock.advance(1_999);
    expect(fate).toBeUndefined();
    await clock.advance(200);
    expect(fate).toBe('silent');
  });

  test('sees a renewal as life, and a stop as none', async () => {
    const { clock, cluster } = world();
    const lease = await createLease(cluster.as('runner'), claim, clock, open);
    const [first] = [...cluster.leases.values()];
    if (first === undefined) throw new Error('no Lease');
    const live = watchLease(cluster.as('recover'), first, clock, open);
    await clock.advance(600);
    expect((await live).kind).toBe('live');
    lease.abandon();
    const at = cluster.leases.get('blackstart-d1');
    if (at === undefined) throw new Error('no Lease');
    const silent = watchLease(cluster.as('recover'), at, clock, open);
    await clock.advance(500);
    await leaveStop(cluster.as('operator'), 'blackstart-d1', 'lunch', open);
    await clock.advance(2_000);
    expect((await silent).kind).toBe('silent');
  });
});
