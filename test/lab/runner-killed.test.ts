/** A drill's runner that is killed, doubled or stopped never leaves a region dark: its restorer or `drill recover` sees to it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DrillPhase } from '../../contract/drill.ts';
import { isObject } from '../../contract/json.ts';
import type { Running } from '../fakes/program.ts';
import { type KeptLab, keepLab } from './kept-lab.ts';
import { type Operator, operator, type RegionState } from './operator.ts';
import { processesOf, removePlace } from './place.ts';
import { bounded, until } from './waiting.ts';

/** By the time that each takes in a fast lab, many times over. */
const phaseWithinMs = 60_000;
const region = 'us-east-1';
const original = 10;

let lab: KeptLab;
let hands: Operator;
/** Whose drills stay failed over for longer than other commands take, on a busy machine too. */
let patient: Operator;
let failed = false;
beforeAll(async () => {
  lab = await keepLab(21);
  hands = operator(lab, 'lose-us-east-1');
  patient = operator(lab, 'lose-us-east-1', '10s');
});
afterAll(async () => {
  const { code } = await lab.stop();
  // The rows were in: it only went on for us.
  expect(code).toBe(0);
  expect(processesOf(lab.place)).toEqual([]);
  if (!failed) removePlace(lab.place);
});
beforeEach(() => hands.allWell());
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});

type Moment = DrillPhase | 'arming';

/** Resolves when a runner is there: by what it says, and before that by its journal. */
async function reached(runner: Running, moment: Moment): Promise<void> {
  if (moment === 'baseline' || moment === 'arming') {
    const entry = moment === 'baseline' ? '"type":"planned"' : '"type":"undo"';
    await until(phaseWithinMs, moment, async () => (hands.newestJournal().includes(entry) ? true : undefined), 1);
    return;
  }
  await bounded(phaseWithinMs, moment, runner.said(new RegExp(`s {2}${moment}$`, 'm')));
}

async function runningIn(moment: Moment, by = hands): Promise<Running> {
  hands.loseEvidence();
  const runner = by.drill('run');
  await reached(runner, moment);
  return runner;
}

async function killIn(moment: Moment): Promise<string> {
  const runner = await runningIn(moment);
  runner.kill('SIGKILL');
  expect((await runner.ended).code).toBeNull();
  const drill = hands.newestDrill();
  await hands.endBursts(drill);
  return drill;
}

const clean = { replicas: original, mark: undefined, leases: [], restorers: [] };

async function expectClean(): Promise<RegionState> {
  const state = await hands.region(region);
  expect(state).toMatchObject(clean);
  return state;
}

/** Resolves when a restorer has put the region back, with nobody's help. */
async function mendedByRestorer(drill: string): Promise<RegionState> {
  return await until(phaseWithinMs, `the restorer of ${drill} to mend`, async () => {
    const state = await hands.region(region);
    const mark: unknown = JSON.parse(state.mark ?? 'null');
    const said = (await hands.events(region)).filter((text) => text.includes(`restorer of drill ${drill}`));
    const isDone = isObject(mark) && mark['drill'] === drill && mark['state'] === 'restored' && said.length > 0;
    return isDone && state.ready === original ? state : undefined;
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What the restorer has mended: nothing is left to put back, only to take away. */
async function sweptByRecover(): Promise<void> {
  const { code, stdout, stderr } = await hands.ran('recover');
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(stdout).toContain('replicas were right');
  await expectClean();
}

describe('a runner that is killed, when nobody calls recover', () => {
  test.each(['injecting', 'failing-over', 'holding'] as const)(
    'while %s, is mended by its restorer alone, which says so in an event',
    async (phase) => {
      const drill = await killIn(phase);
      const mended = await mendedByRestorer(drill);
      expect(mended).toMatchObject({ replicas: original, leases: [`blackstart-${drill}`] });
      const pids = hands.restorers(drill);
      expect(pids).toHaveLength(1);
      await until(phaseWithinMs, 'the restorer to end', async () => (pids.some(isAlive) ? undefined : true));
      await sweptByRecover();
    },
  );

  test('together with its restorer, is mended by the next restorer, which the cluster starts', async () => {
    const runner = await runningIn('failing-over');
    const drill = hands.newestDrill();
    const [first] = hands.restorers(drill);
    if (first === undefined) throw new Error(`no restorer of ${drill} was started`);
    process.kill(first, 'SIGKILL');
    runner.kill('SIGKILL');
    await runner.ended;
    await hands.endBursts(drill);
    await mendedByRestorer(drill);
    const pids = hands.restorers(drill);
    expect(pids.length).toBeGreaterThan(1);
    await until(phaseWithinMs, 'the restorers to end', async () => (pids.some(isAlive) ? undefined : true));
    await sweptByRecover();
  });
});

describe('a runner that is killed', () => {
  test.each(['baseline', 'arming', 'injecting', 'failing-over', 'holding', 'restoring', 'failing-back'] as const)(
    'while %s is mended by recover, and a second recover finds nothing',
    async (phase) => {
      const drill = await killIn(phase);
      const before = await hands.region(region);
      if (phase === 'failing-over' || phase === 'holding')
        expect(before).toMatchObject({ replicas: 0, leases: [`blackstart-${drill}`] });

      const { code, stdout, stderr } = await hands.ran('recover');
      expect(code, `${stdout}\n${stderr}`).toBe(0);
      const mended = await expectClean();

      const again = await hands.ran('recover');
      expect([again.code, again.stdout]).toEqual([0, 'nothing is open\n']);
      expect((await expectClean()).generation).toBe(mended.generation);
    },
  );

  test('and whose journal is lost is mended from the cluster alone', async () => {
    const drill = await killIn('failing-over');
    expect(await hands.region(region)).toMatchObject({ replicas: 0, leases: [`blackstart-${drill}`] });
    hands.loseEvidence();
    const { code, stdout, stderr } = await hands.ran('recover');
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    await expectClean();
  });

  test('is mended once by two recovers that begin together', async () => {
    await killIn('holding');
    const both = await Promise.all([hands.ran('recover'), hands.ran('recover')]);
    const codes = both.map(({ code }) => code).toSorted();
    expect([
      [0, 0],
      [0, 4],
    ]).toContainEqual(codes);
    await expectClean();
  });
});

describe('a runner that lives', () => {
  test('is left alone by recover, which exits 4, and goes on to its end', async () => {
    const runner = await runningIn('failing-over', patient);
    const { code, stdout, stderr } = await hands.ran('recover');
    expect(code, `${stdout}\n${stderr}`).toBe(4);
    expect(await hands.region(region)).toMatchObject({ replicas: 0, leases: [`blackstart-${hands.newestDrill()}`] });
    const ended = await bounded(phaseWithinMs, 'the drill to end', runner.ended);
    // On a busy machine a limit may be missed; what matters here is that nothing was disturbed.
    expect([0, 1, 3], ended.stdout).toContain(ended.code);
    expect(ended.stdout).not.toMatch(/taken over|stopped/);
    await expectClean();
  });

  test('restores when drill stop asks it to from another process', async () => {
    const runner = await runningIn('failing-over', patient);
    const stopped = await hands.ran('stop', hands.newestDrill(), '--because', 'lunch');
    expect(stopped.code, stopped.stderr).toBe(0);
    const ended = await bounded(phaseWithinMs, 'the drill to end', runner.ended);
    expect(ended.stdout).toContain('stopped from outside: lunch');
    expect(ended.code, ended.stdout).toBe(3);
    const state = await expectClean();
    expect(state.ready).toBe(original);
  });

  test('restores and exits 130 when it is interrupted, and a second Ctrl-C changes nothing', async () => {
    const runner = await runningIn('failing-over');
    runner.kill('SIGINT');
    await reached(runner, 'restoring');
    runner.kill('SIGINT');
    const ended = await bounded(phaseWithinMs, 'the drill to end', runner.ended);
    expect(ended.code, ended.stdout).toBe(130);
    await expectClean();
  });

  test('is the only one of two that begin together: the other is refused with 4', async () => {
    hands.loseEvidence();
    const [one, two] = [hands.drill('run'), hands.drill('run')];
    const refused = Promise.race([
      one.ended.then((ran) => ({ ran, other: two })),
      two.ended.then((ran) => ({ ran, other: one })),
    ]);
    const { ran, other } = await bounded(phaseWithinMs, 'one to be refused', refused);
    expect(ran.code, ran.stdout).toBe(4);
    await until(phaseWithinMs, 'the other to inject', async () =>
      (await hands.region(region)).replicas === 0 ? true : undefined,
    );
    other.kill('SIGINT');
    const last = await bounded(phaseWithinMs, 'the other to end', other.ended);
    expect(last.code, last.stdout).toBe(130);
    await expectClean();
  });
});
