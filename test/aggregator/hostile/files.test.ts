/** Files that are not what they should be: refused with one line and exit code 2, or recovered; never emptied in silence. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { load } from '../../../aggregator/store/load.ts';
import { openForWriting, usable } from '../../../aggregator/store/schema.ts';
import type { ResultsAnswer } from '../../../contract/api.ts';
import { seededRandom } from '../../../contract/random.ts';
import { command } from '../../fakes/command-line.ts';
import { aggregator, getJson, result, sendResults, start, stateDir, welcomed } from '../harness.ts';

const name = 'aggregator.sqlite';
const results = 40;
const made = mkdtempSync(join(tmpdir(), 'blackstart-files-'));
/** As a kill leaves it: database, log and index. */
const asKilled = join(made, 'killed');
/** As a clean end leaves it: the database alone. */
const asEnded = join(made, 'ended');
let killed: string;
let ended: string;

beforeAll(async () => {
  const dir = join(made, 'state');
  const running = await start({ stateDir: dir });
  const agent = await welcomed(running.url);
  for (let seq = 1; seq <= results; seq += 4)
    await sendResults(
      agent,
      [0, 1, 2, 3].map((more) => result(seq + more)),
    );
  cpSync(dir, asKilled, { recursive: true });
  agent.socket.terminate();
  await running.stop();
  cpSync(dir, asEnded, { recursive: true });
});
afterAll(() => rmSync(made, { recursive: true, force: true }));
beforeEach(() => {
  [killed, ended] = [stateDir(), stateDir()];
  cpSync(asKilled, killed, { recursive: true });
  cpSync(asEnded, ended, { recursive: true });
});

function hashes(dir: string): Record<string, string> {
  const files = readdirSync(dir, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.startsWith(name),
  );
  return Object.fromEntries(
    files
      .filter(({ name: file }) => !file.includes('.lock'))
      .map(({ name: file }) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(dir, file)))
          .digest('hex'),
      ]),
  );
}

async function refused(dir: string): Promise<string> {
  const before = hashes(dir);
  const { code, stderr } = await command(['aggregator', '--listen', '127.0.0.1:0', '--state', dir]);
  expect(code).toBe(2);
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => line.includes(name)),
  ).toHaveLength(1);
  expect(hashes(dir)).toEqual(before);
  return stderr;
}

function flip(file: string, from: number, to: number, bytes: number, seed: number): void {
  const random = seededRandom(seed);
  const content = readFileSync(file);
  for (let flips = 0; flips < bytes; flips += 1) {
    const at = from + Math.floor(random() * (Math.min(to, content.length) - from));
    content[at] = (content[at] ?? 0) ^ (1 + Math.floor(random() * 255));
  }
  writeFileSync(file, content);
}

const file = (dir: string): string => join(dir, name);

test.each<[string, (dir: string) => void, RegExp]>([
  ['a header with other bytes', (dir) => flip(file(dir), 0, 16, 8, 1), /not a database that can be used/],
  ['a text', (dir) => writeFileSync(file(dir), 'these are my notes on aggregators\n'.repeat(300)), /not a database/],
  ['no byte at all', (dir) => truncateSync(file(dir), 0), /empty, as no state of ours is/],
  ['a database that was cut off', (dir) => truncateSync(file(dir), 9_000), /damaged|malformed/],
  [
    'a folder',
    (dir) => {
      rmSync(file(dir));
      mkdirSync(file(dir));
    },
    /not a database that can be used/,
  ],
  [
    'the database of another program',
    (dir) => {
      rmSync(file(dir));
      const other = new DatabaseSync(file(dir));
      other.exec('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
      other.close();
    },
    /a database of some other program/,
  ],
  [
    'the state of a newer release',
    (dir) => {
      const newer = new DatabaseSync(file(dir));
      newer.exec('PRAGMA user_version = 99');
      newer.close();
    },
    /got schema version 99/,
  ],
])('%s in place of the state is refused with exit code 2, one line, and no change to it', async (_what, spoil, why) => {
  spoil(ended);
  expect(await refused(ended)).toMatch(why);
});

test('a state whose log is missing is refused: the newest results were in it', async () => {
  rmSync(join(killed, `${name}-wal`));
  expect(await refused(killed)).toMatch(/its log \(-wal\) is missing/);
  expect(existsSync(join(killed, name))).toBe(true);
});

test('a log whose state is missing is refused, not joined to a new one', async () => {
  for (const gone of [name, `${name}-shm`]) rmSync(join(killed, gone));
  expect(await refused(killed)).toMatch(/missing, but its log \(-wal\) is there/);
});

test('a log that was cut off is read to its last whole transaction; counts and watermark agree, and the agent goes on', async () => {
  const log = join(killed, `${name}-wal`);
  truncateSync(log, Math.floor(readFileSync(log).length * 0.7));
  const { url } = await aggregator({ stateDir: killed });
  const page = await getJson<ResultsAnswer>(url, '/api/v1/results?limit=10000');
  const agent = await welcomed(url);
  const { ackedSeq } = agent.welcome;
  expect(page.results.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: ackedSeq }, (_, index) => index + 1),
  );
  expect(ackedSeq).toBeGreaterThan(0);
  expect(ackedSeq).toBeLessThan(results);
  agent.send({ type: 'gap', boot: agent.boot, fromSeq: ackedSeq + 1, toSeq: results, reason: 'dropped' });
  await sendResults(agent, [result(results + 1)]);
});

test('what a kill leaves is read whole', async () => {
  const { url } = await aggregator({ stateDir: killed });
  expect((await welcomed(url)).welcome.ackedSeq).toBe(results);
});

test('whatever bytes of it are spoiled, it is refused in one sentence or opened with what it knew of every agent', async () => {
  const found = { refused: 0, opened: 0 };
  for (let seed = 1; seed <= 24; seed += 1) {
    cpSync(asEnded, ended, { recursive: true });
    flip(file(ended), 100, Number.POSITIVE_INFINITY, 40, seed);
    const said = openedHere(file(ended));
    found[typeof said === 'string' ? 'refused' : 'opened'] += 1;
    if (typeof said === 'string') expect(said, `seed ${seed}`).toMatch(/aggregator\.sqlite: /);
    else expect(said, `seed ${seed}`).toBe(1);
  }
  expect(found.refused + found.opened).toBe(24);
  expect(found.refused).toBeGreaterThan(0);
});

/** How many boots it knows of; a text when it is refused. */
function openedHere(path: string): number | string {
  try {
    const database = openForWriting(path);
    try {
      return load(database).sequences.length;
    } catch (error) {
      return String(usable(error, path));
    } finally {
      database.close();
    }
  } catch (error) {
    return String(error);
  }
}
