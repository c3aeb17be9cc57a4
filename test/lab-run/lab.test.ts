/** `npm start`, as a user runs it: one lab over real processes, from the first line to the last. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrillReport } from '../../contract/drill.ts';
import type { Row } from '../../contract/verdict.ts';
import type { WorldFile } from '../../lab/world-file.ts';
import { type Ran, run } from '../fakes/program.ts';
import { compare, readTruth } from '../fakes/truth.ts';

type Document = {
  readonly world: string;
  readonly rows: readonly Row[];
  readonly drills: readonly DrillReport[];
  readonly exit: number;
  readonly evidence: string;
};

const outDir = mkdtempSync(join(tmpdir(), 'blackstart-lab-'));
let ran: Ran;
let document: Document;
let world: WorldFile;

beforeAll(async () => {
  ran = await run(['lab', '--seed', '11', '--json', '--out', outDir]);
  document = JSON.parse(ran.stdout) as Document;
  world = JSON.parse(readFileSync(join(outDir, 'world.json'), 'utf8')) as WorldFile;
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

describe('a whole run of world agent-api', () => {
  test('exits 0, with every row as expected, but that a busy machine may leave latencies undecided', () => {
    const odd = document.rows.filter((row) => row.status !== row.expected);
    const undecided = odd.filter((row) => row.id.startsWith('latency.') && row.status === 'inconclusive');
    expect(odd.filter((row) => !undecided.includes(row)).map((row) => `${row.id}: ${row.because}`)).toEqual([]);
    expect(document.rows).toHaveLength(20);
    const exit = undecided.length === 0 ? 0 : 3;
    expect([ran.code, document.exit]).toEqual([exit, exit]);
  });

  test('makes both drills, and puts both regions back', () => {
    const found = document.drills.map((drill) => [
      drill.name,
      drill.status,
      drill.restored,
      drill.left,
      drill.verdict.status,
    ]);
    expect(found.sort()).toEqual([
      ['lose-eu-west-1', 'over', true, [], 'pass'],
      ['lose-us-east-1', 'over', true, [], 'pass'],
    ]);
  });

  test('loses no more of its numbered writes than the design allows, and leaves none of them', () => {
    const drill = document.drills.find(({ name }) => name === 'lose-us-east-1');
    const { canaries } = drill ?? {};
    expect(canaries?.verdict).toMatchObject({ status: 'pass' });
    expect(canaries?.erased).toMatchObject({ proven: true });
    const streams = ['ap-southeast-1', 'entry.standby', 'eu-west-1', 'us-east-1'];
    for (const { highest } of canaries?.stores ?? []) expect(Object.keys(highest).sort()).toEqual(streams);
    for (const region of ['us-east-1', 'eu-west-1', 'ap-southeast-1']) {
      const lines = readFileSync(join(outDir, 'stores', region, 'ledger.jsonl'), 'utf8')
        .trim()
        .split('\n');
      const changes = lines.map(
        (line) => JSON.parse(line) as { op: 'put' | 'erase'; id?: string; entry?: { id: string } },
      );
      const put = new Set(changes.flatMap(({ op, entry }) => (op === 'put' && entry !== undefined ? [entry.id] : [])));
      for (const { op, id } of changes) if (op === 'erase' && id !== undefined) put.delete(id);
      expect([...put]).toEqual([]);
      expect(changes.length).toBeGreaterThan(50);
    }
  });

  test('reports stages whose bounds contain the truth', () => {
    const truth = readTruth(world.truth);
    const compared = document.drills.flatMap((drill) => compare(drill, world, truth));
    expect(compared.filter(({ holds }) => !holds)).toEqual([]);
    expect(compared.length).toBeGreaterThan(30);
  });

  test('leaves the evidence of each drill, sealed', () => {
    for (const { id } of document.drills) {
      const files = [
        'journal.jsonl',
        'scenario.json',
        'prediction.json',
        'results.jsonl',
        'observations.jsonl',
        'timeline.json',
        'verdict.json',
        'report.html',
        'report.md',
        'manifest.json',
      ];
      expect(files.filter((file) => !existsSync(join(document.evidence, id, file)))).toEqual([]);
    }
  });

  test('judges the evidence again to the same verdict', async () => {
    for (const drill of document.drills) {
      const judged = await run(['drill', 'judge', join(document.evidence, drill.id), '--json']);
      const again = JSON.parse(judged.stdout) as DrillReport & { readonly brokenSeals: readonly string[] };
      expect([judged.code, again.verdict, again.brokenSeals]).toEqual([0, drill.verdict, []]);
    }
  });

  test('tells the programs it runs nothing of the lab', () => {
    const commands = readFileSync(join(outDir, 'commands.jsonl'), 'utf8').trim().split('\n');
    expect(commands.length).toBeGreaterThanOrEqual(6);
    expect(commands.filter((line) => /truth|lab/i.test(line.replaceAll(outDir, 'DIR')))).toEqual([]);
  });

  test('leaves no process', () => {
    const pids = [...readFileSync(join(outDir, 'commands.jsonl'), 'utf8').matchAll(/"pid":(\d+)/g)].map(([, pid]) =>
      Number(pid),
    );
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
