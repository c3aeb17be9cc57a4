import { describe, expect, test } from 'vitest';
import { observe } from '../../chaos/observe.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../fakes/drill-world.ts';

function observing(world: DrillWorld, limitMs = 60_000) {
  const { scenario, drill, evidenceDir, version } = world.options;
  const options = { scenario, drill: null, burstEveryMs: drill.burst.everyMs, limitMs, evidenceDir, version };
  return observe(options, world.deps);
}

describe('observe', () => {
  test('times a failover that somebody else causes, without knowing the region beforehand', async () => {
    const world = await drillWorld();
    const outcome = observing(world);
    await pass(world.clock, 3_000);
    const darkMs = world.clock.nowMs();
    world.cluster.scaleByHand(deployment, 0);
    await pass(world.clock, 8_000);
    const backMs = world.clock.nowMs();
    world.cluster.scaleByHand(deployment, 10);
    const { report, exit } = await inSimulatedTime(world.clock, outcome);
    expect(report.region).toBe('us-east-1');
    expect({ exit, because: report.verdict.because }).toMatchObject({ exit: 0 });
    expect(report.t0?.lowerMs).toBeLessThanOrEqual(darkMs);
    expect(report.t0?.upperMs).toBeGreaterThanOrEqual(darkMs);
    expect(report.restoreCalled?.upperMs).toBeGreaterThanOrEqual(backMs);
    expect(report.stages['us-east-1']?.fresh?.['first-good']).toBeDefined();
    expect(world.cluster.calls).toEqual([]);
  });

  test('ends at its limit when nothing happens, undecided', async () => {
    const world = await drillWorld();
    const { exit, report } = await inSimulatedTime(world.clock, observing(world, 3_000));
    expect(exit).toBe(3);
    expect(report.t0).toBeNull();
    expect(world.fleet.announced.at(-1)).toMatchObject({ status: 'over' });
  });

  test('ends with Ctrl-C, 130 when nothing was seen', async () => {
    const world = await drillWorld();
    const outcome = observing(world);
    await pass(world.clock, 2_000);
    world.interrupt.abort(new Error('Ctrl-C'));
    expect((await inSimulatedTime(world.clock, outcome)).exit).toBe(130);
  });

  test('a failure or two is no region gone dark', async () => {
    const world = await drillWorld({ podReadyMs: 50 });
    const outcome = observing(world, 5_000);
    await pass(world.clock, 1_000);
    world.cluster.scaleByHand(deployment, 0);
    await pass(world.clock, 100);
    world.cluster.scaleByHand(deployment, 10);
    const { report } = await inSimulatedTime(world.clock, outcome);
    expect(report.t0).toBeNull();
  });
});
