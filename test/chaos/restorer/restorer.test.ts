import { describe, expect, test } from 'vitest';
import { restorerKey, undoKey } from '../../../chaos/cluster.ts';
import { takeLease } from '../../../chaos/runner/lease.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import { inTime, leaseName, names, open, type RestorerWorld, restorerWorld } from './world.ts';

function writes({ cluster }: RestorerWorld): readonly string[] {
  return cluster.calls
    .filter(({ by, isWrite, name }) => by === 'restorer' && isWrite && name !== 'annotate lease')
    .map(({ name }) => name);
}

function expectMended({ cluster }: RestorerWorld): void {
  expect(names.map((name) => cluster.replicas(name))).toEqual([10, 4]);
  expect(names.map((name) => cluster.mark(name)?.state)).toEqual(['restored', 'restored']);
}

describe('a restorer whose runner lives', () => {
  test('beats four times in a duration, and writes nothing else', async () => {
    const world = await restorerWorld({ injected: true });
    const { sigterm, end } = world.restorer();
    const beats = new Set<string | undefined>();
    for (let look = 0; look < 200; look += 1) {
      await world.clock.advance(20);
      beats.add(world.cluster.leases.get(leaseName)?.annotations[restorerKey]);
    }
    expect(beats.size).toBeGreaterThanOrEqual(8);
    expect(beats.size).toBeLessThanOrEqual(10);
    expect(writes(world)).toEqual([]);
    sigterm();
    await expect(inTime(world, end)).rejects.toThrow('SIGTERM');
    world.lease.abandon();
  });

  test('is not misled by a wall clock that steps by an hour, its own or the runner’s', async () => {
    const world = await restorerWorld({ injected: true });
    const { sigterm } = world.restorer();
    for (const stepMs of [3_600_000, -7_200_000]) {
      world.clock.stepWall(stepMs);
      await world.clock.advance(5_000);
      expect(writes(world)).toEqual([]);
    }
    sigterm();
    world.lease.abandon();
  });

  test('waits out an API server that hangs for longer than the Lease lasts, and lets the runner renew first', async () => {
    const world = await restorerWorld({ injected: true });
    const { sigterm } = world.restorer();
    await world.clock.advance(1_000);
    world.cluster.fate = () => 'hangs';
    await world.clock.advance(30_000);
    // The runner's next renewal comes later than the restorer's next look.
    world.cluster.fate = () => 'done';
    await world.clock.advance(10_000);
    expect(writes(world)).toEqual([]);
    expect(world.cluster.leases.get(leaseName)?.holder).toBe('runner-d1');
    sigterm();
    world.lease.abandon();
  });

  test('ends when the drill is over and swept', async () => {
    const world = await restorerWorld({ injected: true });
    const { end } = world.restorer();
    await world.clock.advance(1_000);
    await world.fault.restore(world.undo, open);
    await world.fault.disarm(world.undo, open);
    expect(await world.lease.release(open)).toBe(true);
    expect(await inTime(world, end)).toMatchObject({ kind: 'over' });
    expect(writes(world)).toEqual([]);
  });
});

describe('a restorer whose runner has died', () => {
  test('mends after one duration, restoring everywhere first, and leaves marks, Lease and an Event behind', async () => {
    const world = await restorerWorld({ injected: true });
    const { end } = world.restorer();
    await world.clock.advance(500);
    world.lease.abandon();
    await world.clock.advance(1_800);
    expect(writes(world)).toEqual([]);
    expect(await inTime(world, end)).toEqual({ kind: 'restored', changed: true, notes: [] });
    expectMended(world);
    expect(writes(world)).toEqual([
      'replace lease',
      'mark restoring',
      'mark restoring',
      'scale 4',
      'mark restored',
      'scale 10',
      'mark restored',
      'event',
      'event',
    ]);
    expect(world.cluster.events.join('\n')).toContain('its runner had been silent for 2 s');
    expect(world.cluster.leases.get(leaseName)?.holder).toBe('restorer-1');
    const from = world.cluster.calls.length;
    await world.clock.advance(10_000);
    expect(world.cluster.calls.slice(from).filter(({ by }) => by === 'restorer')).toEqual([]);
  });

  test('writes restoring also where replicas are right: an injection under way then meets a conflict', async () => {
    const world = await restorerWorld({ injected: false });
    const { end } = world.restorer();
    world.lease.abandon();
    expect(await inTime(world, end)).toEqual({ kind: 'restored', changed: false, notes: [] });
    expect(writes(world).slice(0, 3)).toEqual(['replace lease', 'mark restoring', 'mark restoring']);
    await expect(world.fault.inject(world.undo, open)).rejects.toThrow('says restored for drill d1');
    expectMended(world);
  });

  test('tries for ever to reach the cluster, and mends when it can', async () => {
    const world = await restorerWorld({ injected: true });
    const { end } = world.restorer();
    await world.clock.advance(500);
    world.lease.abandon();
    world.cluster.fate = ({ by }) => (by === 'restorer' ? 'refused-before' : 'done');
    await world.clock.advance(3_600_000);
    world.cluster.fate = () => 'done';
    expect(await inTime(world, end)).toMatchObject({ kind: 'restored', changed: true });
    expectMended(world);
  });

  test('mends through any call that goes wrong', async () => {
    for (const how of ['refused-before', 'lost-after', 'hangs'] as const) {
      for (let wrong = 1; ; wrong += 1) {
        const world = await restorerWorld({ injected: true });
        const { end } = world.restorer();
        world.lease.abandon();
        let calls = 0;
        world.cluster.fate = ({ by }) => {
          if (by === 'restorer') calls += 1;
          return by === 'restorer' && calls === wrong ? how : 'done';
        };
        expect(await inTime(world, end), `${how} ${wrong}`).toMatchObject({ kind: 'restored' });
        expectMended(world);
        if (calls < wrong) break;
      }
    }
  });

  test('leaves replicas that somebody else chose: more is noted, fewer needs a person', async () => {
    const world = await restorerWorld({ injected: true });
    world.cluster.scaleByHand(names[0], 12);
    world.cluster.scaleByHand(names[1], 2);
    const { end } = world.restorer();
    world.lease.abandon();
    const ended = await inTime(world, end);
    expect(ended).toMatchObject({ kind: 'not-restored' });
    expect(JSON.stringify(ended)).toContain('has 2 replicas, had 4: changed by kubectl-scale');
    expect(names.map((name) => world.cluster.replicas(name))).toEqual([12, 2]);
    // Started again, it finds that all is a person's business by now.
    expect(await inTime(world, world.restorer('2').end)).toMatchObject({ kind: 'restored', changed: false });
  });

  test('does not undo what a person did after the mending, also when it is started again', async () => {
    const world = await restorerWorld({ injected: true });
    world.lease.abandon();
    await inTime(world, world.restorer().end);
    world.cluster.scaleByHand(names[0], 0);
    expect(await inTime(world, world.restorer('2').end)).toMatchObject({ kind: 'restored', changed: false });
    expect(world.cluster.replicas(names[0])).toBe(0);
  });

  test('mends what is left of a workload that is gone, and names it', async () => {
    const world = await restorerWorld({ injected: true });
    world.cluster.remove(names[1]);
    world.lease.abandon();
    const ended = await inTime(world, world.restorer().end);
    expect(ended).toMatchObject({ kind: 'not-restored' });
    expect(JSON.stringify(ended)).toContain('statefulset/agent-worker in us-east-1 is gone');
    expect(world.cluster.replicas(names[0])).toBe(10);
  });

  test('gives up a cluster that goes on refusing, and says what it refused', async () => {
    const world = await restorerWorld({ injected: true });
    const cluster = world.cluster.as('restorer');
    world.cluster.as = () => ({
      ...cluster,
      scale: async () => {
        throw new Trouble('forbidden', 'not permitted (403)');
      },
    });
    world.lease.abandon();
    const ended = await inTime(world, world.restorer().end, 600_000);
    expect(ended).toEqual({ kind: 'not-restored', left: ['not permitted (403)'] });
  });

  test('brings a mending to its end when it is told to end', async () => {
    const world = await restorerWorld({ injected: true });
    const { end, sigterm } = world.restorer();
    world.lease.abandon();
    world.cluster.fate = ({ name }) => {
      if (name === 'mark restoring') sigterm();
      return 'done';
    };
    expect(await inTime(world, end)).toMatchObject({ kind: 'restored', changed: true });
    expectMended(world);
  });

  test('is one of two that mend at once, and replicas are right', async () => {
    const world = await restorerWorld({ injected: true });
    world.lease.abandon();
    const both = [world.restorer('1').end, world.restorer('2').end];
    const ends = await inTime(world, Promise.all(both));
    expect(ends.map(({ kind }) => kind)).toEqual(['restored', 'restored']);
    expectMended(world);
  });
});

describe('a restorer that is overtaken', () => {
  test('by recover looks on, and ends when all is swept', async () => {
    const world = await restorerWorld({ injected: true });
    const { end } = world.restorer();
    await world.clock.advance(100);
    world.lease.abandon();
    const at = world.cluster.leases.get(leaseName);
    if (at === undefined) throw new Error('no Lease');
    const taken = await takeLease(world.cluster.as('recover'), at, 'recover-1', { clock: world.clock, signal: open });
    await world.clock.advance(5_000);
    expect(writes(world)).toEqual([]);
    await world.fault.restore(world.undo, open);
    await world.fault.disarm(world.undo, open);
    expect(await taken?.release(open)).toBe(true);
    expect(await inTime(world, end)).toMatchObject({ kind: 'over' });
  });

  test('in the middle of its mending writes nothing more', async () => {
    const world = await restorerWorld({ injected: true });
    const { end } = world.restorer();
    world.lease.abandon();
    const stopped = Promise.withResolvers<'done'>();
    world.cluster.fate = ({ by, name }) => (by === 'restorer' && name === 'mark restoring' ? stopped.promise : 'done');
    await world.clock.advance(4_000);
    const at = world.cluster.leases.get(leaseName);
    if (at?.holder !== 'restorer-1') throw new Error('not taken over');
    const taken = await takeLease(world.cluster.as('recover'), at, 'recover-1', { clock: world.clock, signal: open });
    await world.fault.restore(world.undo, open);
    await world.fault.disarm(world.undo, open);
    await taken?.release(open);
    stopped.resolve('done');
    expect(await inTime(world, end)).toMatchObject({ kind: 'restored', changed: false });
    expect(writes(world).filter((name) => name.startsWith('scale'))).toEqual([]);
    expect(world.cluster.leases.size).toBe(0);
  });
});

describe('a Lease that is gone', () => {
  test('is waited for by one duration, and then it is mended without', async () => {
    const world = await restorerWorld({ injected: true });
    const { end } = world.restorer();
    await world.clock.advance(500);
    world.lease.abandon();
    world.cluster.leases.clear();
    await world.clock.advance(1_900);
    expect(writes(world)).toEqual([]);
    expect(await inTime(world, end)).toMatchObject({ kind: 'restored', changed: true });
    expectMended(world);
    expect(world.cluster.leases.size).toBe(0);
  });

  test('and is made anew by its runner is watched as before', async () => {
    const world = await restorerWorld({ injected: true });
    const { sigterm } = world.restorer();
    await world.clock.advance(500);
    world.cluster.leases.clear();
    await world.clock.advance(10_000);
    expect(world.cluster.leases.get(leaseName)?.holder).toBe('runner-d1');
    expect(writes(world)).toEqual([]);
    sigterm();
    world.lease.abandon();
  });

  test('before the restorer saw it leaves nothing to know what to mend by', async () => {
    const world = await restorerWorld({ injected: true });
    world.lease.abandon();
    world.cluster.leases.clear();
    expect(await inTime(world, world.restorer().end)).toMatchObject({ kind: 'unknown' });
  });

  test('and one whose record cannot be read are told apart', async () => {
    const world = await restorerWorld({ injected: true });
    world.lease.abandon();
    const at = world.cluster.leases.get(leaseName);
    if (at === undefined) throw new Error('no Lease');
    world.cluster.leases.set(leaseName, { ...at, annotations: { [undoKey]: '{' } });
    const ended = await inTime(world, world.restorer().end);
    expect(ended).toMatchObject({ kind: 'unknown' });
    expect(JSON.stringify(ended)).toContain('no undo record that this version can read');
    expect(writes(world)).toEqual([]);
  });
});
