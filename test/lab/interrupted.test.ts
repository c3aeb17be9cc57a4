/** Ctrl-C at any moment of a lab leaves nothing but its folder. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type ExpectStatic, test } from 'vitest';
import { seededRandom } from '../../contract/random.ts';
import type { Ran } from '../fakes/program.ts';
import { leftIn, newPlace, type Place, processesOf, removePlace, startAt } from './place.ts';
import { bounded, clock, pause } from './waiting.ts';

/** Before this the program may not have begun to listen for signals, and the system ends it. */
const calmDeafMs = 150;
/** From here on a lab has long been listening, on a machine that has another one to run beside it too. */
const soonMs = 3_000;
/** So many starts of a bare Node fit into it on a machine that has nothing else to do. */
const bareStarts = 5;

/** How long a program may be deaf on this machine, as busy as it is now. */
function deafMs(): number {
  const startsMs = Array.from({ length: 3 }, () => {
    const startedMs = clock.nowMs();
    spawnSync(process.execPath, ['-e', '0']);
    return clock.nowMs() - startedMs;
  });
  return Math.max(calmDeafMs, bareStarts * Math.max(...startsMs));
}
/** Putting a region back takes a few seconds; a drill that went on to its end as if nothing had been said takes more. */
const endsWithinMs = 12_000;

/** Thirty moments: most while things come up, where they differ most, some among the samples, some in drills. */
function moments(): readonly number[] {
  const random = seededRandom(20_261_121);
  const among = (count: number, fromMs: number, toMs: number): number[] =>
    Array.from({ length: count }, () => Math.round(fromMs + random() * (toMs - fromMs)));
  const chosen = [among(5, 0, 400), among(9, 400, 3_000), among(10, 3_000, 15_000), among(6, 17_000, 40_000)];
  return chosen.flat().toSorted((a, b) => a - b);
}

async function interruptedAt(place: Place, atMs: number): Promise<Ran> {
  const lab = startAt(place, ['lab', '--seed', String(atMs), '--out', place.outDir]);
  await pause(atMs);
  lab.kill('SIGINT');
  try {
    return await bounded(endsWithinMs, 'the lab to end after Ctrl-C', lab.ended);
  } finally {
    lab.kill('SIGKILL');
  }
}

/** Drills that had taken a region away, and did not end with everything swept. */
function openDrillsIn({ outDir }: Place): readonly string[] {
  const drills = join(outDir, 'drills');
  return (existsSync(drills) ? readdirSync(drills) : []).filter((drill) => {
    const journal = readFileSync(join(drills, drill, 'journal.jsonl'), 'utf8');
    return journal.includes('"type":"inject-called"') && !journal.includes('"type":"swept"');
  });
}

async function endsWell(atMs: number, expect: ExpectStatic): Promise<void> {
  const place = newPlace();
  const deaf = deafMs();
  const { code, stdout, stderr } = await interruptedAt(place, atMs);
  expect.soft(processesOf(place)).toEqual([]);
  expect.soft(leftIn(place)).toEqual([]);
  expect.soft(openDrillsIn(place)).toEqual([]);
  // A signal that nobody listens to ends a process without a code.
  const codes = atMs < deaf ? [null, 130] : [130];
  expect(codes, `${stdout}\n${stderr}`).toContain(code);
  removePlace(place);
}

describe('a lab that is interrupted', () => {
  const sentence = 'after %i ms ends with 130, and leaves no process and no file but its folder';

  // Alone: whether a signal finds anybody to listen depends on what else the machine has to do.
  test.for(moments().filter((atMs) => atMs < soonMs))(sentence, async (atMs, { expect }) => {
    await endsWell(atMs, expect);
  });

  // Two at a time: each lab has ports of its own, and nothing is judged that another could slow down.
  test.concurrent.for(moments().filter((atMs) => atMs >= soonMs))(sentence, async (atMs, { expect }) => {
    await endsWell(atMs, expect);
  });
});
