/** What whole drills tell, in simulated time. */
import { describe, expect, test } from 'vitest';
import type { Notice, NotifyTarget } from '../../../chaos/notify/notice.ts';
import type { Notifier } from '../../../chaos/notify/notifier.ts';
import { forRestorer, restorerNotices, restorerNotifyIn } from '../../../chaos/notify/restorer.ts';
import { runRestorer } from '../../../chaos/restorer.ts';
import { type Outcome, runDrill } from '../../../chaos/run.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import { sleep } from '../../../contract/clock.ts';
import { noticeKinds } from '../../../scenarios/notify.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../../fakes/drill-world.ts';

const target: NotifyTarget = { kind: 'webhook', url: 'http://127.0.0.1:1/', routingKey: null, on: noticeKinds };

function listener(): Notifier & { readonly heard: Notice[] } {
  const heard: Notice[] = [];
  return { heard, targets: [target], tell: (notice) => void heard.push(notice), settled: async () => undefined };
}

/** Each Job starts a restorer that tells by what its Secret holds. */
function restorersTell(world: DrillWorld, told: Notifier): void {
  world.cluster.kubelet.start = ({ drill, notify }) => {
    const secret = restorerNotifyIn(notify ?? undefined);
    if (secret === null) throw new Error('the restorer has no Secret');
    const end = new AbortController();
    const notices = restorerNotices(secret, told, world.clock);
    const cluster = world.cluster.as('restorer');
    const deps = { cluster, clock: world.clock, instance: '1', signal: end.signal, message: () => undefined, notices };
    void runRestorer(drill, deps).then(notices.ended, () => undefined);
    return { stop: () => end.abort(new Error('SIGTERM')) };
  };
}

function phasesOf({ progress }: DrillWorld): readonly string[] {
  return progress.flatMap((event) => (event.kind === 'phase' ? [event.phase] : []));
}

function phaseOf(world: DrillWorld): string | undefined {
  return phasesOf(world).at(-1);
}

function lastedMs({ report: { startedMs, endedMs } }: Outcome): number {
  return (endedMs ?? Number.POSITIVE_INFINITY) - startedMs;
}

async function untilPhase(world: DrillWorld, phase: string): Promise<void> {
  while (phaseOf(world) !== phase) await pass(world.clock, 10);
}

const kindsOf = ({ heard }: { readonly heard: readonly Notice[] }) => heard.map(({ kind, by }) => `${by}: ${kind}`);

describe('a drill', () => {
  test('that goes well tells that it is planned, injects, has failed over, and is restored', async () => {
    const world = await drillWorld();
    const notify = listener();
    const { report } = await inSimulatedTime(world.clock, runDrill(world.options, { ...world.deps, notify }));
    expect(kindsOf(notify)).toEqual([
      'runner: planned',
      'runner: injecting',
      'runner: failed-over',
      'runner: restored',
    ]);
    expect(new Set(notify.heard.map(({ drill }) => drill))).toEqual(new Set([report.id]));
  });

  test('that the guard refuses tells nobody', async () => {
    const world = await drillWorld({ overrides: {} });
    const notify = listener();
    const { exit } = await inSimulatedTime(world.clock, runDrill(world.options, { ...world.deps, notify }));
    expect({ exit, heard: notify.heard }).toEqual({ exit: 4, heard: [] });
  });

  test('that ends before anything is touched says so', async () => {
    const world = await drillWorld();
    const notify = listener();
    world.cluster.kubelet.forbidden = 'job';
    await inSimulatedTime(world.clock, runDrill(world.options, { ...world.deps, notify }));
    expect(kindsOf(notify)).toEqual(['runner: planned', 'runner: restored']);
    expect(notify.heard.at(-1)?.text).toContain('ended before anything was taken away');
  });

  test('that nobody can be told of is judged as any other, and is over before anybody waits for a word to get out', async () => {
    const [with_, without] = [await drillWorld(), await drillWorld()];
    const never = new Promise<void>(() => undefined);
    const waited: object[] = [];
    const { clock, cluster } = with_;
    // What it tells gets nowhere, and only its bound ends the wait for that.
    const deaf: Notifier = {
      targets: [target],
      tell: () => undefined,
      settled(limitMs) {
        waited.push({ limitMs, ready: cluster.ready(deployment), leases: cluster.leases.size });
        return Promise.race([never, sleep(clock, limitMs)]);
      },
    };
    const one = await inSimulatedTime(clock, runDrill(with_.options, { ...with_.deps, notify: deaf }));
    const other = await inSimulatedTime(without.clock, runDrill(without.options, without.deps));
    expect(waited).toEqual([{ limitMs: 15_000, ready: 10, leases: 0 }]);
    // Not their moments: before a drill begins its folder is made and others are read, on a disk that takes what it takes.
    const judged = ({ report, exit }: Outcome) => {
      const { restored, left, stopped, verdict, entries, verified } = report;
      const findings = report.findings.map((text) => text.replaceAll(/[\d.]+ m?s/g, 'T'));
      const each = entries.map(({ entry, verdict: { status } }) => ({ entry, status }));
      return { exit, restored, left, findings, stopped, status: verdict.status, each, verified };
    };
    expect(judged(one)).toEqual(judged(other));
    expect(phasesOf(with_)).toEqual(phasesOf(without));
    // The bound of that wait, in simulated time, is no part of its course.
    expect(lastedMs(one)).toBeLessThan(lastedMs(other) + 15_000);
  });

  test('whose runner dies is told of by its restorer', async () => {
    const world = await drillWorld({ drill: { holdMs: 3_000 } });
    const [notify, told] = [listener(), listener()];
    restorersTell(world, told);
    runDrill(world.options, { ...world.deps, notify }).catch(() => undefined);
    await untilPhase(world, 'holding');
    world.kill();
    while (told.heard.length === 0) await pass(world.clock, 100);
    expect(kindsOf(told)).toEqual(['restorer: restored']);
    expect(told.heard[0]).toMatchObject({ drill: notify.heard[0]?.drill, name: 'lose-us-east-1', region: 'us-east-1' });
  });

  test('whose restorer cannot mend for half a minute is told not to be restored, and to be once it is', async () => {
    const world = await drillWorld({ drill: { holdMs: 3_000 } });
    const [notify, told] = [listener(), listener()];
    restorersTell(world, told);
    runDrill(world.options, { ...world.deps, notify }).catch(() => undefined);
    await untilPhase(world, 'holding');
    world.kill();
    const before = world.cluster.fate;
    world.cluster.fate = (call) => {
      if (call.by === 'restorer' && call.name.startsWith('scale')) throw new Trouble('unreachable', 'no answer');
      return before(call);
    };
    while (told.heard.length === 0) await pass(world.clock, 1_000);
    expect(kindsOf(told)).toEqual(['restorer: not-restored']);
    world.cluster.fate = before;
    while (told.heard.length === 1) await pass(world.clock, 1_000);
    expect(kindsOf(told)).toEqual(['restorer: not-restored', 'restorer: restored']);
  });

  test('whose runner ends it is not told of by its restorer', async () => {
    const world = await drillWorld();
    const [notify, told] = [listener(), listener()];
    restorersTell(world, told);
    await inSimulatedTime(world.clock, runDrill(world.options, { ...world.deps, notify }));
    expect(told.heard).toEqual([]);
  });
});

describe('what a restorer tells by', () => {
  const of = { drill: 'd1', name: 'd', scenario: 's', region: 'r', fault: 'f' };

  test('is as it was given, and nothing where nobody wants its words', () => {
    expect(restorerNotifyIn(forRestorer(of, [target]) ?? undefined)).toEqual({ of, targets: [target] });
    expect(forRestorer(of, [{ ...target, on: ['planned'] }])).toBeNull();
  });

  test('is left alone where it cannot be read', () => {
    for (const text of [undefined, '', '{', '{}', '{"of":{},"targets":[]}']) expect(restorerNotifyIn(text)).toBeNull();
  });
});
