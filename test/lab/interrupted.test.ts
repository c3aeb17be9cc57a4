/** Ctrl-C at any moment of a lab leaves nothing but its folder. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../contract/random.ts';
import type { Ran } from '../fakes/program.ts';
import { leftIn, newPlace, type Place, processesOf, removePlace, startAt } from './place.ts';
import { bounded, pause } from './waiting.ts';

/** Before this the program may not have begun to listen for signals, and the system ends it. */
const deafMs = 150;
/** Putting a region back takes a few seconds, its failback a few more. */
const endsWithinMs = 60_000;

/** Thirty moments: most while things come up, where they differ most, some among the samples, some in drills. */
function moments(): readonly number[] {
  const random = seededRandom(20_261_121);
  const among = (count: number, fromMs: number, toMs: number): number[] =>
    Array.from({ length: count }, () => Math.round(fromMs + random() * (toMs - fromMs)));
  return [...among(14, 0, 3_000), ...among(11, 3_000, 14_000), ...among(5, 14_000, 40_000)].toSorted((a, b) => a - b);
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

describe('a lab that is interrupted', () => {
  test.each(moments())('after %i ms ends with 130, and leaves no process and no file but its folder', async (atMs) => {
    const place = newPlace();
    const { code, stdout, stderr } = await interruptedAt(place, atMs);
    expect.soft(processesOf(place)).toEqual([]);
    expect.soft(leftIn(place)).toEqual([]);
    // A signal that nobody listens to ends a process without a code.
    const codes = atMs < deafMs ? [null, 130] : [130];
    expect(codes, `${stdout}\n${stderr}`).toContain(code);
    removePlace(place);
  });
});
