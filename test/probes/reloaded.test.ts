import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../contract/log.ts';
import { type Reloaded, reloaded, reloads } from '../../probes/reloaded.ts';
import { type FakeClock, fakeClock } from '../fakes/clock.ts';

let dir = '';
let file = '';
let reads = 0;
let clock: FakeClock;
const said: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'blackstart-reloaded-'));
  file = join(dir, 'modules.yml');
  writeFileSync(file, 'one');
  reads = 0;
  said.length = 0;
  clock = fakeClock();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A file whose text is its value, unless it says `bad`. */
function watched(path = file): Reloaded<string> {
  const note = (_facts: object, message: string): void => void said.push(message);
  const read = (): string => {
    reads += 1;
    const text = readFileSync(path, 'utf8');
    if (text === 'bad') throw new Error('line 1: got bad');
    return text;
  };
  return reloaded(
    { file: path, reads: [path], read, first: 'one' },
    { clock, log: { ...silent, warn: note, info: note } },
  );
}
const passing = (): Promise<void> => clock.advance(1_000);

test('a file that did not change is not read again, however often it is asked for', async () => {
  const modules = watched();
  await passing();
  expect(modules.value()).toBe('one');
  // Once, because nobody knows when the first reading was.
  for (let turn = 0; turn < 10; turn += 1) {
    await passing();
    expect(modules.value()).toBe('one');
  }
  expect(reads).toBe(1);
});

test('a bad one keeps the old and says why, until it is good again; each is logged once', async () => {
  const modules = watched();
  writeFileSync(file, 'bad');
  const usedAtMs = modules.state.usedAtMs;
  for (let turn = 0; turn < 3; turn += 1) {
    await passing();
    expect(modules.value()).toBe('one');
  }
  expect(modules.state).toEqual({ file, ok: false, why: 'line 1: got bad', usedAtMs });
  unlinkSync(file);
  await passing();
  expect(modules.value()).toBe('one');
  expect(modules.state.why).toMatch('ENOENT');
  writeFileSync(file, 'three');
  await passing();
  expect(modules.value()).toBe('three');
  expect(modules.state).toEqual({ file, ok: true, why: null, usedAtMs: clock.wallMs() });
  expect(said).toEqual(['it cannot be used any more: what was read before goes on', 'it can be used again']);
});

test('another file in its place, behind a link too, is seen', async () => {
  const link = join(dir, 'link');
  symlinkSync(file, link);
  const modules = watched(link);
  await passing();
  modules.value();
  writeFileSync(join(dir, 'new'), 'two');
  renameSync(join(dir, 'new'), file);
  await passing();
  expect(modules.value()).toBe('two');
});

test('told to, it is read at once, also when nothing seems to have changed', () => {
  const modules = watched();
  expect(modules.reload()).toMatchObject({ ok: true });
  expect(modules.reload()).toMatchObject({ ok: true });
  expect(reads).toBe(2);
  writeFileSync(file, 'bad');
  expect(modules.reload()).toMatchObject({ ok: false, why: 'line 1: got bad' });
  expect(modules.value()).toBe('one');
});

test('all files are looked at every second once that has begun, without being asked for, and no more when it is over', async () => {
  const all = reloads({ clock, log: silent });
  const modules = watched();
  all.add(modules);
  writeFileSync(file, 'bad');
  await passing();
  expect(all.states()).toMatchObject([{ ok: true }]);
  all.begin();
  await passing();
  expect(all.states()).toMatchObject([{ file, ok: false }]);
  writeFileSync(file, 'two');
  expect(all.reload()).toMatchObject([{ file, ok: true }]);
  all.stop();
  expect(clock.pending).toBe(0);
});
