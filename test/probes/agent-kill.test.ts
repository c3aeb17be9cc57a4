import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FromAgent, ResultsFrame } from '../../contract/wire.ts';
import { agentProgram } from '../fakes/agent-process.ts';
import { aggregatorLink, welcomeWith } from '../fakes/aggregator-link.ts';
import { httpCheck } from '../fakes/probing.ts';

const isResults = (frame: FromAgent): frame is ResultsFrame => frame.type === 'results';
const key = (boot: string, seq: number): string => `${boot} ${seq}`;

test('killed three times, an agent’s ledger and what it sent are the same, each number once', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'blackstart-kill-'));
  const ledgerFile = join(stateDir, 'ledger.jsonl');
  const target = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  const checks = Array.from({ length: 20 }, (_, index) => httpCheck(url, { id: `home/${index}`, everyMs: 50 }));
  const aggregator = await aggregatorLink({
    welcome: () => welcomeWith({ version: 1, checks, regions: {}, references: [] }),
  });
  function start(): ChildProcess {
    const options = {
      agent: 'a1',
      vantage: 'v',
      region: 'r',
      version: '0',
      aggregator: aggregator.url.href,
      token: null,
      ca: null,
      resolver: { host: '127.0.0.1', port: 9 },
      sourceAddress: null,
      stateDir,
      listen: null,
      ledgerFile,
    };
    return fork(agentProgram, [JSON.stringify(options)]);
  }

  const boots = new Set<string>();
  for (let turn = 0; turn < 3; turn += 1) {
    const child = start();
    const frame = await aggregator.seen((frame): frame is ResultsFrame => isResults(frame) && !boots.has(frame.boot));
    boots.add(frame.boot);
    await aggregator.seen(
      (next): next is ResultsFrame => isResults(next) && next.boot === frame.boot && next.fromSeq > 40,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const last = start();
  await aggregator.seen((frame): frame is ResultsFrame => isResults(frame) && !boots.has(frame.boot));
  // What earlier boots left is sent before or beside the first live results; a clean end flushes the rest.
  await aggregator.seen(
    (frame): frame is ResultsFrame => isResults(frame) && !boots.has(frame.boot) && frame.fromSeq > 40,
  );
  last.kill('SIGKILL');
  await once(last, 'exit');

  const ledger = readFileSync(ledgerFile, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const listed = ledger.filter(({ boot }) => boots.has(boot)).map(({ boot, seq }) => key(boot, seq));
  const sent = aggregator.frames
    .filter(isResults)
    .filter(({ boot }) => boots.has(boot))
    .flatMap(({ boot, results }) => results.map(({ seq }) => key(boot, seq)));
  expect(new Set(listed).size).toBe(listed.length);
  expect(new Set(sent)).toEqual(new Set(listed));
  await aggregator.close();
  target.close();
  target.closeAllConnections();
  rmSync(stateDir, { recursive: true });
});
