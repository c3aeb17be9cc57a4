import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { linesOf } from '../fakes/command-line.ts';
import type { Ran } from '../fakes/program.ts';
import { type Aggregator, listeningUrl, startAggregator, workshop } from './workshop.ts';

const shop = workshop();
let aggregator: Aggregator;
beforeAll(async () => {
  aggregator = await startAggregator(shop);
});

function agent(name: string, more: readonly string[] = []): readonly string[] {
  const state = join(shop.dir, `agent-${name}`);
  return ['agent', `--vantage=${name}`, '--region=here', `--aggregator=${aggregator.url}`, `--state=${state}`, ...more];
}
const withToken = (): string => `--token-file=${aggregator.tokenFile}`;

test('a daemon’s first line on stderr is JSON with the address that it really listens on', async () => {
  expect(aggregator.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  expect((await fetch(`${aggregator.url}/-/healthy`)).status).toBe(200);
  const probing = shop.start(agent('first', [withToken(), '--listen=127.0.0.1:0']));
  const url = await listeningUrl(probing);
  expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  expect(probing.stdout()).toBe('');
  probing.kill('SIGTERM');
  expect(await probing.ended).toMatchObject({ code: 0, stdout: '' });
});

describe('a port in use', () => {
  test.each(['aggregator', 'agent', 'watch'])(
    'keeps the %s from starting, in one sentence, with exit 2',
    async (name) => {
      const port = new URL(aggregator.url).host;
      const argv: Readonly<Record<string, readonly string[]>> = {
        aggregator: ['aggregator', `--listen=${port}`, `--state=${join(shop.dir, 'other')}`],
        agent: agent('second', [withToken(), `--listen=${port}`]),
        watch: ['watch', 'http://127.0.0.1:9/', `--listen=${port}`],
      };
      const { code, stdout, stderr } = await shop.start(argv[name] ?? []).ended;
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(linesOf(stderr)).toEqual([expect.stringMatching(new RegExp(`${port.replaceAll('.', '\\.')}.*in use`))]);
      expect(shop.left()).toEqual([]);
    },
  );
});

test('a state directory that another aggregator uses is left to it', async () => {
  const state = join(shop.dir, 'aggregator');
  const { code, stderr } = await shop.start(['aggregator', '--listen=127.0.0.1:0', `--state=${state}`]).ended;
  expect(code).toBe(2);
  expect(linesOf(stderr)).toEqual([expect.stringMatching(/another aggregator is using this state directory/)]);
});

test('a state directory that cannot be made is one sentence', async () => {
  const below = join(aggregator.tokenFile, 'state');
  for (const argv of [
    ['aggregator', '--listen=127.0.0.1:0', `--state=${below}`],
    agent('third', [withToken(), `--state=${below}`]),
  ]) {
    const { code, stderr } = await shop.start(argv).ended;
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(
        /^--state: got ".*state", want a folder that can be made \(a part of the path is a file\)$/,
      ),
    ]);
  }
});

test('without --token-file the aggregator keeps a token of its own that only its user may read', async () => {
  const state = join(shop.dir, 'with-own-token');
  const program = shop.start(['aggregator', '--listen=127.0.0.1:0', `--state=${state}`]);
  const url = await listeningUrl(program);
  const token = readFileSync(join(state, 'write-token'), 'utf8').trim();
  const ask = (bearer: string): Promise<Response> =>
    fetch(`${url}/api/v1/annotations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: '{}',
    });
  expect((await ask('another')).status).toBe(401);
  expect((await ask(token)).status).not.toBe(401);
  program.kill('SIGTERM');
  expect((await program.ended).code).toBe(0);
});

test.each([
  ['a wrong token', 'wrong\n'],
  ['no token', undefined],
])('%s ends the agent with one sentence and exit 2', async (name, text) => {
  const given = text === undefined ? [] : [`--token-file=${shop.file('wrong-token', text)}`];
  const { code, stdout, stderr } = await shop.start(agent(`with-${name.replaceAll(' ', '-')}`, given)).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const said = linesOf(stderr).filter((line) => !line.startsWith('{'));
  expect(said).toEqual([
    expect.stringMatching(/^the aggregator at .* does not allow this agent.*: check its token or certificate$/),
  ]);
});

test('a drill command with a wrong token, or with no aggregator there, is one sentence with the right code', async () => {
  const scenario = shop.file(
    'scenario.json',
    JSON.stringify({
      service: 'demo',
      entry: { api: 'http://127.0.0.1:9' },
      regions: { here: { jurisdiction: 'US', share: 100, endpoint: 'http://127.0.0.1:9' } },
      checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '10s' }],
    }),
  );
  const observe = (more: readonly string[]): Promise<Ran> => {
    const evidence = join(shop.dir, 'evidence');
    return shop.start(['drill', 'observe', `--scenario=${scenario}`, `--evidence=${evidence}`, ...more]).ended;
  };
  const away = await observe(['--aggregator=http://127.77.0.1:9400']);
  expect(away.code).toBe(3);
  expect(linesOf(away.stderr)).toEqual([
    expect.stringMatching(/^aggregator http:\/\/127\.77\.0\.1:9400 cannot be reached: .*ECONNREFUSED/),
  ]);
  expect(existsSync(join(shop.dir, 'evidence'))).toBe(false);
  const wrong = shop.file('wrong-token', 'wrong\n');
  const denied = await observe([`--aggregator=${aggregator.url}`, `--token-file=${wrong}`]);
  expect(denied.code).toBe(2);
  expect(linesOf(denied.stderr)).toEqual([
    expect.stringMatching(/does not accept the token \(401\): give its write token/),
  ]);
});

test('the agent and the aggregator end in order on SIGTERM, with exit 0 and nothing left', async () => {
  const own = await startAggregatorAt('last');
  const probing = shop.start([...agent('last', [withToken()]), `--aggregator=${own.url}`]);
  await probing.said(/connected to the aggregator/);
  probing.kill('SIGTERM');
  expect((await probing.ended).code).toBe(0);
  own.program.kill('SIGTERM');
  expect((await own.program.ended).code).toBe(0);
  await expect(fetch(`${own.url}/-/healthy`)).rejects.toThrow();
  expect(shop.left()).toEqual([]);
});

async function startAggregatorAt(name: string): Promise<{ program: Aggregator['program']; url: string }> {
  const state = join(shop.dir, name);
  const program = shop.start(['aggregator', '--listen=127.0.0.1:0', `--state=${state}`, withToken()]);
  return { program, url: await listeningUrl(program) };
}
