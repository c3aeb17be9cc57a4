/** A plan that was saved, and a world that moves on before it is run. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planDrill, readPlan, type SavedPlan, writePlan } from '../../chaos/plan.ts';
import { runDrill } from '../../chaos/run.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime } from '../fakes/drill-world.ts';

const autoscalers = 'horizontalpodautoscalers.autoscaling';

function autoscaler(minReplicas: number): Parameters<DrillWorld['cluster']['objects']['put']>[1] {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'agent-api' };
  const metadata = { name: 'agent-api', namespace: 'default' };
  return { kind: 'HorizontalPodAutoscaler', metadata, spec: { scaleTargetRef, minReplicas, maxReplicas: 20 } };
}

async function planned(world: DrillWorld): Promise<string> {
  const { saved, exit, text } = await inSimulatedTime(world.clock, planDrill(world.options, world.deps));
  expect(exit, text).toBe(0);
  const path = join(world.options.evidenceDir, 'plan.json');
  await writePlan(path, saved);
  return path;
}

async function run(world: DrillWorld, path: string) {
  const options = { ...world.options, saved: await readPlan(path) };
  const { exit, report } = await inSimulatedTime(world.clock, runDrill(options, world.deps));
  return { exit, because: report.verdict.because };
}

function expectUntouched({ cluster }: DrillWorld): void {
  expect(cluster.calls.filter(({ isWrite }) => isWrite)).toEqual([]);
}

test('a plan runs while nothing that it was made from has changed', async () => {
  const world = await drillWorld();
  world.cluster.objects.put(autoscalers, autoscaler(4));
  const path = await planned(world);
  expectUntouched(world);
  expect(await run(world, path)).toMatchObject({ exit: 0 });
});

describe('a plan is refused', () => {
  const moved: readonly (readonly [string, (world: DrillWorld) => void, string])[] = [
    [
      'because an owner of replicas has appeared since',
      ({ cluster }) => cluster.objects.put(autoscalers, autoscaler(4)),
      'HorizontalPodAutoscaler default/agent-api, which owns replicas of deployment/agent-api, has appeared: no obstacle',
    ],
    [
      'because a workload has other replicas',
      ({ cluster }) => cluster.scaleByHand(deployment, 12),
      'deployment/agent-api has 12 replicas, the plan saw 10',
    ],
    [
      'because a workload was made anew',
      ({ cluster }) => cluster.remake(deployment, 10),
      'deployment/agent-api was deleted and made anew',
    ],
  ];
  for (const [why, move, says] of moved) {
    test(`${why}, and nothing is touched`, async () => {
      const world = await drillWorld();
      const path = await planned(world);
      move(world);
      const { exit, because } = await run(world, path);
      expect({ exit, because }).toEqual({
        exit: 4,
        because: `not injecting, the world has moved since the plan: ${says}`,
      });
      expectUntouched(world);
    });
  }

  test('because an owner of replicas is gone, or will do something else', async () => {
    const world = await drillWorld({ overrides: { 'guard.headroom': 'known', 'guard.reconciler': 'tested' } });
    const { objects } = world.cluster;
    objects.put(autoscalers, autoscaler(4));
    const path = await planned(world);
    objects.put(autoscalers, autoscaler(0));
    expect((await run(world, path)).because).toContain('has changed: undoes it, the plan saw: no obstacle');
    objects.remove(autoscalers, 'default', 'agent-api');
    expect((await run(world, path)).because).toContain('which owned replicas of deployment/agent-api, is gone');
    expectUntouched(world);
  });

  test('because it was edited by hand', async () => {
    const world = await drillWorld();
    const path = await planned(world);
    const saved = JSON.parse(await readFile(path, 'utf8')) as SavedPlan;
    await writeFile(path, JSON.stringify({ ...saved, observedSha256: '0' }));
    expect(await run(world, path)).toMatchObject({
      exit: 4,
      because: expect.stringContaining('no longer what it says'),
    });
    await writeFile(path, '{ "v": 1, "drill": "lose-us-east-1" }');
    await expect(readPlan(path)).rejects.toThrow('it is not what "drill plan --out" writes');
  });
});
