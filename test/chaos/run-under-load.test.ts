/** Drills that run under load, in simulated time: when it is started and ended, and what becomes of a drill without it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenSeals } from '../../chaos/evidence.ts';
import { readFacts } from '../../chaos/evidence-facts.ts';
import { reportOf } from '../../chaos/judge.ts';
import { runDrill } from '../../chaos/run.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime } from '../fakes/drill-world.ts';
import { type FakeLoad, fakeLoad, loadFacts, loadSummary } from '../fakes/load.ts';

function run(world: DrillWorld, load: FakeLoad) {
  return inSimulatedTime(world.clock, runDrill(world.options, { ...world.deps, load }));
}

/** Calls `act` when the drill comes to a phase. */
function inPhase(world: DrillWorld, wanted: string, act: () => void): void {
  const push = world.progress.push.bind(world.progress);
  world.progress.push = (...events) => {
    if (events.some((event) => event.kind === 'phase' && event.phase === wanted)) act();
    return push(...events);
  };
}

const crossed = { metric: 'http_req_failed', expression: 'rate<0.05', held: false };
const bucket = { users: 'fresh', requests: 10, failed: 0, durations: [[100, 10] as const] };

describe('a drill under load', () => {
  test('runs from its beginning until failback is over, and keeps what was recorded', async () => {
    const world = await drillWorld();
    const buckets = [{ ...bucket, atMs: world.clock.nowMs() }];
    const load = fakeLoad(loadFacts({ buckets, startedMs: world.clock.nowMs() }));
    let endsAtFailback = 0;
    inPhase(world, 'failing-back', () => {
      endsAtFailback = load.calls.filter((call) => call === 'end').length;
    });
    const { report, exit, evidence } = await run(world, load);
    expect(exit).toBe(0);
    expect(load.calls.slice(0, 2)).toEqual(['start', 'end']);
    expect(endsAtFailback).toBe(0);
    expect(report.load).toMatchObject({ verdict: { status: 'pass' }, phases: [{ phase: 'baseline', requests: 10 }] });
    const dir = evidence ?? '';
    expect(await brokenSeals(dir)).toEqual([]);
    expect(JSON.parse(await readFile(join(dir, 'load.json'), 'utf8'))).toMatchObject({ buckets });
    expect(reportOf(await readFacts(dir))).toEqual(report);
  });

  test('fails where the load’s thresholds were crossed, and says which', async () => {
    const world = await drillWorld();
    const load = fakeLoad(loadFacts({ summary: loadSummary({ thresholds: [crossed] }) }));
    const { report, exit } = await run(world, load);
    expect(exit).toBe(1);
    expect(report.verdict.because).toBe('load: thresholds were crossed: http_req_failed rate<0.05');
  });

  test('is inconclusive where the load broke down on the way, and is restored all the same', async () => {
    const world = await drillWorld();
    const load = fakeLoad();
    inPhase(world, 'holding', () => load.endItself(loadFacts({ exitCode: 109, ended: 'itself' })));
    const { report, exit } = await run(world, load);
    expect(exit).toBe(3);
    expect(report).toMatchObject({ restored: true, stopped: null, verdict: { because: 'load: k6 itself broke' } });
  });

  test('that is interrupted ends its load as well', async () => {
    const world = await drillWorld();
    const load = fakeLoad();
    inPhase(world, 'failing-over', () => world.interrupt.abort(new Error('Ctrl-C')));
    const { exit } = await run(world, load);
    expect(exit).toBe(130);
    expect(load.calls).toContain('end');
    expect(world.cluster.replicas(deployment)).toBe(10);
  });
});

describe('a drill whose load does not run', () => {
  const script = { exitCode: 107, ended: 'itself', summary: null, said: ['Error: setup is wrong'] } as const;

  test('does not begin, with exit 2 where the script is wrong', async () => {
    const world = await drillWorld();
    const load = fakeLoad(loadFacts(), { silent: true });
    load.endItself(loadFacts(script));
    const { report, exit } = await run(world, load);
    expect(exit).toBe(2);
    expect(report.t0).toBeNull();
    expect(report.verdict.because).toBe(
      'not injecting: the load ended before the drill began: what you wrote is wrong: Error: setup is wrong',
    );
    expect(world.cluster.calls.filter(({ isWrite }) => isWrite)).toEqual([]);
  });

  test('does not begin where it made no request in the time of a baseline', async () => {
    const world = await drillWorld();
    const load = fakeLoad(loadFacts(), { silent: true });
    const { report, exit } = await run(world, load);
    expect(exit).toBe(4);
    expect(report.verdict.because).toBe('not injecting: the load has made no request');
    expect(load.calls).toContain('end');
    expect(world.cluster.calls.filter(({ isWrite }) => isWrite)).toEqual([]);
  });

  test('that the guard refuses starts none', async () => {
    const world = await drillWorld({ overrides: {} });
    const load = fakeLoad();
    expect((await run(world, load)).exit).toBe(4);
    expect(load.calls).toEqual([]);
  });
});
