import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ResultsAnswer, StoredResult } from '../../contract/api.ts';
import { seededRandom } from '../../contract/random.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { aggregator, atEnd, bad, getJson, result, sendResults, stateDir, welcomed } from './harness.ts';

const objectives = [
  {
    id: 'all',
    check: 'home',
    region: null,
    from: 'all',
    indicator: { kind: 'availability', target: 0.5 },
    windowMs: 3_600_000,
  },
] as const;

async function everything(url: string): Promise<readonly StoredResult[]> {
  const all: StoredResult[] = [];
  for (let before = ''; ; ) {
    const page = await getJson<ResultsAnswer>(url, `/api/v1/results?limit=10000${before}`);
    all.push(...page.results);
    if (page.next === null) return all;
    before = `&before=${page.next}`;
  }
}

test('verdicts after a clean stop are those from before', async () => {
  const dir = stateDir();
  const first = await aggregator({ stateDir: dir, objectives });
  const agent = await welcomed(first.url);
  await sendResults(agent, [result(1), bad(2), result(3)]);
  const before = await getJson<Verdict>(first.url, '/api/v1/verdicts/all');
  await first.stop();
  const second = await aggregator({ stateDir: dir, objectives });
  const after = await getJson<Verdict>(second.url, '/api/v1/verdicts/all');
  expect(before).toMatchObject({ n: 3, measured: 2 / 3 });
  expect(after).toMatchObject({ n: 3, measured: 2 / 3 });
});

test('an agent that comes back is told what is on disk, and the rest is counted once', async () => {
  const dir = stateDir();
  const first = await aggregator({ stateDir: dir });
  await sendResults(await welcomed(first.url), [result(1), result(2)]);
  await first.stop();
  const { url } = await aggregator({ stateDir: dir });
  const agent = await welcomed(url);
  expect(agent.welcome.ackedSeq).toBe(2);
  await sendResults(agent, [result(1), result(2), result(3)]);
  expect((await everything(url)).map(({ seq }) => seq)).toEqual([3, 2, 1]);
});

test('an assignment that did not change keeps its version over a restart; another one grows it', async () => {
  const dir = stateDir();
  const versionOf = async (over: object): Promise<number> => {
    const running = await aggregator({ stateDir: dir, ...over });
    const { welcome } = await welcomed(running.url);
    await running.stop();
    return welcome.assignment.version;
  };
  const first = await versionOf({});
  expect(await versionOf({})).toBe(first);
  const assignment = { version: 1, checks: [], regions: {}, references: ['https://status.example'] };
  expect(await versionOf({ assignment })).toBe(first + 1);
});

const program = fileURLToPath(new URL('./killed-aggregator.ts', import.meta.url));

async function startProcess(dir: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [program, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(() => void child.kill('SIGKILL'));
  const [url] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [string];
  return { child, url };
}

test('killed again and again while results come in, it has counted each exactly once', {
  timeout: 60_000,
}, async () => {
  const dir = stateDir();
  const random = seededRandom(11);
  const last = 2_000;
  let acked = 0;
  for (let kills = 0; kills < 5; kills += 1) {
    const { child, url } = await startProcess(dir);
    const agent = await welcomed(url);
    expect(agent.welcome.ackedSeq).toBeGreaterThanOrEqual(acked);
    let next = agent.welcome.ackedSeq + 1;
    const untilSeq = next + 50 + Math.floor(random() * 250);
    while (next < untilSeq) {
      const size = 1 + Math.floor(random() * 20);
      const results = Array.from({ length: size }, (_, index) => result(next + index));
      agent.send({ type: 'results', boot: agent.boot, fromSeq: next, results });
      next += size;
      if (random() < 0.3) acked = Math.max(acked, (await agent.next('ack')).seq);
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    agent.socket.terminate();
  }
  const { child, url } = await startProcess(dir);
  const agent = await welcomed(url);
  for (let seq = agent.welcome.ackedSeq + 1; seq <= last; seq += 250) {
    await sendResults(
      agent,
      Array.from({ length: Math.min(250, last - seq + 1) }, (_, index) => result(seq + index)),
    );
  }
  const seqs = (await everything(url)).map(({ seq }) => seq).sort((a, b) => a - b);
  expect(seqs).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  const verdict = await getJson<Verdict>(url, '/api/v1/verdicts/all');
  expect(verdict.n).toBe(last);
  child.kill('SIGKILL');
  await once(child, 'exit');
});
