/** What `drill recover` tells, in simulated time. */
import { describe, expect, test } from 'vitest';
import type { Notice, NotifyTarget } from '../../../chaos/notify/notice.ts';
import type { Notifier } from '../../../chaos/notify/notifier.ts';
import { recover } from '../../../chaos/recover.ts';
import { runDrill } from '../../../chaos/run.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import { seededRandom } from '../../../contract/random.ts';
import { noticeKinds } from '../../../scenarios/notify.ts';
import type { DrillPlan } from '../../../scenarios/scenario.ts';
import { type DrillWorld, drillWorld, inSimulatedTime, pass } from '../../fakes/drill-world.ts';
import { missing } from '../../fakes/switchboards.ts';

const region = 'us-east-1';
const target: NotifyTarget = { kind: 'webhook', url: 'http://127.0.0.1:1/', routingKey: null, on: noticeKinds };

function listener(): Notifier & { readonly heard: Notice[] } {
  const heard: Notice[] = [];
  return { heard, targets: [target], tell: (notice) => void heard.push(notice), settled: async () => undefined };
}

/** A drill whose runner dies while it holds, and what that has told. */
async function orphaned(drill: Partial<DrillPlan> = {}) {
  const world = await drillWorld({ drill: { name: 'Lose us-east-1!', holdMs: 3_000, ...drill } });
  const notify = listener();
  runDrill(world.options, { ...world.deps, notify }).catch(() => undefined);
  while (!world.progress.some((event) => event.kind === 'phase' && event.phase === 'holding')) {
    await pass(world.clock, 10);
  }
  world.kill();
  return { world, told: notify.heard };
}

async function recovered(world: DrillWorld): Promise<readonly Notice[]> {
  const notify = listener();
  const { scenario, evidenceDir } = world.options;
  const work = recover(
    { scenario, evidenceDir },
    {
      clock: world.clock,
      random: seededRandom(7),
      openCluster: async ({ context }) => (context === region ? world.cluster : world.other).as('recover'),
      openSwitchboard: (at) => world.boards.as('recover')(at) ?? missing(at),
      fleet: null,
      interrupt: new AbortController().signal,
      message: () => undefined,
      notify,
    },
  );
  await inSimulatedTime(world.clock, work);
  return notify.heard;
}

/** What a receiver knows a drill by: all labels of its alert, and the key of its incident. */
const known = ({ drill, name, scenario, region: of, fault }: Notice) => ({ drill, name, scenario, region: of, fault });

describe('drill recover', () => {
  const faults: readonly DrillPlan['fault'][] = [
    { kind: 'scale-to-zero', region },
    { kind: 'edge', region, how: 'refuse', addMs: 0 },
  ];
  for (const fault of faults) {
    test(`tells that ${fault.kind} is undone, of the very drill that the runner told of`, async () => {
      const { world, told } = await orphaned({ fault });
      expect(told.map(({ kind }) => kind)).toEqual(['planned', 'injecting', 'failed-over']);
      const heard = await recovered(world);
      expect(heard.map(({ kind, by }) => [kind, by])).toEqual([['restored', 'recover']]);
      expect(heard.map(known)).toEqual(told.slice(0, 1).map(known));
      expect(await recovered(world)).toEqual([]);
    });
  }

  test('tells that a region is not restored, and that it is once it is', async () => {
    const { world } = await orphaned();
    const before = world.cluster.fate;
    world.cluster.fate = (call) => {
      if (call.by === 'recover' && call.name.startsWith('scale')) throw new Trouble('forbidden', 'not permitted');
      return before(call);
    };
    const [first, ...more] = await recovered(world);
    expect([first?.kind, more]).toEqual(['not-restored', []]);
    expect(first?.text).toContain('us-east-1 is NOT restored');
    world.cluster.fate = before;
    expect((await recovered(world)).map(({ kind }) => kind)).toEqual(['restored']);
  });

  test('tells nothing of a drill whose runner lives', async () => {
    const world = await drillWorld({ drill: { holdMs: 10_000 } });
    const running = runDrill(world.options, world.deps);
    while (!world.progress.some((event) => event.kind === 'phase' && event.phase === 'holding')) {
      await pass(world.clock, 10);
    }
    expect(await recovered(world)).toEqual([]);
    await inSimulatedTime(world.clock, running);
  });
});
