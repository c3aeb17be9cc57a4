/** What a drill reads afresh when it has restored, and how its report shows it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Outcome, runDrill } from '../../../chaos/run.ts';
import type { Verified, VerifiedPart } from '../../../contract/drill.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../../fakes/drill-world.ts';
import { reconciling } from '../../fakes/suspensions.ts';

type Ran = { readonly world: DrillWorld; readonly outcome: Outcome };

/** Runs a drill, and does something when the region has been put back. */
async function drillWith(
  prepare: (world: DrillWorld) => void,
  restored: (world: DrillWorld) => void = () => undefined,
  drill: DrillWorld['options']['drill'] | object = {},
): Promise<Ran> {
  const world = await drillWorld({ drill });
  prepare(world);
  const outcome = runDrill(world.options, world.deps);
  outcome.catch(() => undefined);
  const isBack = (): boolean =>
    world.progress.some((event) => event.kind === 'phase' && event.phase === 'failing-back') &&
    world.cluster.ready(deployment) === 10;
  for (let steps = 0; steps < 5_000 && !isBack(); steps += 1) await pass(world.clock, 10);
  expect(isBack()).toBe(true);
  restored(world);
  return { world, outcome: await inSimulatedTime(world.clock, outcome) };
}

function partOf({ outcome }: Ran, part: VerifiedPart): readonly Verified[] {
  return (outcome.report.verified ?? []).filter((one) => one.part === part);
}

const nothing = (): void => undefined;

describe('a report tells of what was verified', () => {
  test('each part as it was found, in one order', async () => {
    const ran = await drillWith(({ cluster }) => reconciling(cluster), nothing, { suspend: ['keda'] });
    const { exit, report } = ran.outcome;
    expect(exit, report.verdict.because).toBe(0);
    const lease = `blackstart-${report.id}`;
    expect(report.verified).toEqual([
      { part: 'replicas', name: deployment, wanted: '10', found: '10', state: 'as-it-was' },
      { part: 'ready endpoints', name: 'in us-east-1', wanted: '10', found: '10', state: 'as-it-was' },
      { part: 'health checks', name: 'of us-east-1', wanted: 'healthy', found: 'none was read', state: 'unknown' },
      {
        part: 'first good answers',
        name: 'api',
        wanted: 'from us-east-1 at 1 vantage',
        found: 'at 1',
        state: 'as-it-was',
      },
      { part: 'annotations', name: deployment, wanted: 'none', found: 'none', state: 'as-it-was' },
      {
        part: 'suspended reconcilers',
        name: 'ScaledObject default/agent-api',
        wanted: 'metadata.annotations["autoscaling.keda.sh/paused"] is absent',
        found: 'metadata.annotations["autoscaling.keda.sh/paused"] is absent',
        state: 'as-it-was',
      },
      { part: 'restorer', name: lease, wanted: 'none', found: 'none', state: 'as-it-was' },
      { part: 'lease', name: lease, wanted: 'none', found: 'none', state: 'as-it-was' },
    ]);
  });

  test('in Markdown and on the page', async () => {
    const { outcome } = await drillWith(nothing);
    const markdown = await readFile(join(outcome.evidence ?? '', 'report.md'), 'utf8');
    expect(markdown).toContain('## Restored');
    expect(markdown).toContain('| ready endpoints | in us-east-1 | 10 | 10 | as it was |');
    expect(outcome.html).toContain(
      '<tr><td>ready endpoints</td><td>in us-east-1</td><td>10</td><td>10</td><td class="pass">as it was</td></tr>',
    );
    expect(outcome.html).toContain('<td class="inconclusive">not known</td>');
  });

  test('what is left of the restorer, and what the Lease says', async () => {
    const ran = await drillWith(({ cluster }) => {
      cluster.fate = ({ name }) => (name === 'delete role' || name === 'delete lease' ? 'refused-before' : 'done');
    });
    expect(ran.outcome.exit).toBe(5);
    const lease = partOf(ran, 'lease');
    expect(lease).toMatchObject([{ found: expect.stringMatching(/^held by runner-/), state: 'left' }]);
    expect(partOf(ran, 'annotations')).toMatchObject([{ found: 'none', state: 'as-it-was' }]);
    expect(partOf(ran, 'restorer')).toMatchObject([{ state: expect.stringMatching(/left|unknown/) }]);
  });

  test('and of a drill that touched nothing there is nothing to tell', async () => {
    const world = await drillWorld();
    world.cluster.kubelet.start = null;
    const { report } = await inSimulatedTime(world.clock, runDrill(world.options, world.deps));
    expect(report.verified).toEqual([]);
  });
});

describe('replicas that are fewer after a good restore', () => {
  const longHold = { holdMs: 4_000 };

  test('are no fault where an autoscaler took them, and their endpoints are not missing', async () => {
    for (const manager of ['kube-controller-manager', 'horizontal-pod-autoscaler', 'keda-operator']) {
      const ran = await drillWith(nothing, ({ cluster }) => cluster.scaleByHand(deployment, 6, manager), longHold);
      const { exit, report } = ran.outcome;
      expect({ exit, left: report.left }, manager).toEqual({ exit: 0, left: [] });
      expect(partOf(ran, 'replicas')).toMatchObject([{ found: `6, changed by ${manager}`, state: 'changed' }]);
      expect(partOf(ran, 'ready endpoints')).toMatchObject([{ wanted: '6', found: '6', state: 'as-it-was' }]);
      expect(ran.world.cluster.replicas(deployment)).toBe(6);
    }
  });

  test('are left behind where a person took them', async () => {
    const ran = await drillWith(nothing, ({ cluster }) => cluster.scaleByHand(deployment, 6), longHold);
    expect(ran.outcome.exit).toBe(5);
    expect(ran.outcome.report.left.join()).toContain('has 6 replicas, had 10: changed by kubectl-scale');
    expect(partOf(ran, 'replicas')).toMatchObject([{ found: '6, changed by kubectl-scale', state: 'left' }]);
  });
});
