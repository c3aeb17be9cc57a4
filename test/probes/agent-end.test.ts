/** How an agent begins and ends: when it is ready, what a stop still sends, and what the next start goes on with. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Assignment } from '../../contract/check.ts';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import type { FromAgent, ResultsFrame } from '../../contract/wire.ts';
import { type AgentOptions, type RunningAgent, startAgent } from '../../probes/agent.ts';
import { aggregatorLink, welcomeWith } from '../fakes/aggregator-link.ts';
import { httpCheck } from '../fakes/probing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function stateDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-end-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
async function agent(options: Partial<AgentOptions> & { readonly stateDir: string }): Promise<RunningAgent> {
  const started = await startAgent(
    {
      ...{ agent: 'a1', vantage: 'v', region: 'r', version: '0', aggregator: null, token: null, ca: null },
      ...{ resolver: { host: '127.0.0.1', port: 9 }, sourceAddress: null, listen: null, ledgerFile: null },
      ...options,
    },
    { clock: systemClock(), random: seededRandom(1), log: silent },
  );
  ends.push(() => started.stop());
  return started;
}
/** A target that knows what it was asked for, and leaves `/slow` without an answer. */
async function target(): Promise<{ url: string; asked(path: string): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url !== '/slow') response.end('ok');
    server.emit(`asked ${request.url}`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: (path) => new Promise((resolve) => server.once(`asked ${path}`, () => resolve())),
  };
}
function assigned(version: number, url: string, ...paths: string[]): Assignment {
  const checks = paths.map((path) => httpCheck(`${url}${path}`, { id: path, everyMs: 100, timeoutMs: 60_000 }));
  return { version, checks, regions: {}, references: [] };
}
const isResults = (frame: FromAgent): frame is ResultsFrame => frame.type === 'results';
const holds =
  (check: string) =>
  (frame: FromAgent): frame is ResultsFrame =>
    isResults(frame) && frame.results.some((result) => result.check === check && result.outcome === 'good');

test('is alive at once, and ready when it has an assignment', async () => {
  const at = await target();
  const aggregator = await aggregatorLink({ welcome: null });
  ends.push(() => aggregator.close());
  const { url } = await agent({
    stateDir: stateDir(),
    aggregator: aggregator.url,
    listen: { host: '127.0.0.1', port: 0 },
  });
  await aggregator.seen((frame): frame is FromAgent & { type: 'hello' } => frame.type === 'hello');
  expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  const before = await fetch(`${url}/-/ready`);
  expect([before.status, await before.text()]).toEqual([503, 'not ready: no assignment yet\n']);
  aggregator.send(welcomeWith(assigned(1, at.url, '/well')));
  await aggregator.seen(holds('/well'));
  expect((await fetch(`${url}/-/ready`)).status).toBe(200);
});

test('a stop cuts what does not end, says that it was cut short, and leaves nothing that it has not sent', async () => {
  const at = await target();
  const dir = stateDir();
  const ledgerFile = join(dir, 'ledger.jsonl');
  const aggregator = await aggregatorLink({ welcome: () => welcomeWith(assigned(1, at.url, '/well', '/slow')) });
  ends.push(() => aggregator.close());
  const asked = at.asked('/slow');
  const started = await agent({ stateDir: dir, aggregator: aggregator.url, ledgerFile });
  await Promise.all([asked, aggregator.seen(holds('/well'))]);
  await started.stop();
  const results = aggregator.frames.filter(isResults).flatMap((frame) => frame.results);
  const slow = results.filter(({ check, missing }) => check === '/slow' && missing !== 'shed');
  expect(slow.length).toBeGreaterThan(0);
  for (const result of slow)
    expect(result).toMatchObject({ outcome: 'missing', missing: 'agent-gone', failedAt: 'agent' });
  const written = readFileSync(ledgerFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
  expect(results.map(({ seq }) => seq)).toEqual(written);
  // The next run finds nothing to send again.
  const again = await aggregatorLink();
  ends.push(() => again.close());
  const next = await agent({ stateDir: dir, aggregator: again.url });
  await again.seen((frame): frame is FromAgent & { type: 'mark' } => frame.type === 'mark');
  await next.stop();
  const [boot] = new Set(aggregator.frames.filter(isResults).map((frame) => frame.boot));
  expect(again.frames.filter(isResults).filter((frame) => frame.boot === boot)).toEqual([]);
});

test('an assignment that changes loses no round of the checks that stay, and the next start goes on with it', async () => {
  const at = await target();
  const dir = stateDir();
  const aggregator = await aggregatorLink({ welcome: () => welcomeWith(assigned(1, at.url, '/well')) });
  ends.push(() => aggregator.close());
  const started = await agent({ stateDir: dir, aggregator: aggregator.url });
  await aggregator.seen(holds('/well'));
  const second = assigned(2, at.url, '/well', '/more');
  aggregator.send({ type: 'assign', version: 2, assignment: second });
  await aggregator.seen(holds('/more'));
  const third = assigned(3, at.url, '/more', '/well', '/last');
  aggregator.send({ type: 'assign', version: 3, assignment: third });
  await aggregator.seen(holds('/last'));
  await started.stop();
  const results = aggregator.frames.filter(isResults).flatMap((frame) => frame.results);
  const rounds = results.filter(({ check }) => check === '/well').map(({ round }) => round);
  const first = Math.min(...rounds);
  // Each once, also those that a busy machine had to shed.
  expect(rounds.toSorted((a, b) => a - b)).toEqual(rounds.map((_round, index) => first + index));

  const asked = Promise.all(['/well', '/more', '/last'].map((path) => at.asked(path)));
  await agent({ stateDir: dir });
  await asked;
});
