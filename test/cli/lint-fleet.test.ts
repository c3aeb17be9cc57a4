/** `lint --aggregator`: the vantages that are connected count, not those that the scenario names. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import type { LintAnswer } from '../../cli/lint/answer.ts';
import { command } from '../fakes/command-line.ts';
import { workshop } from './workshop.ts';

const shop = workshop();
const file = shop.file(
  'shop.yaml',
  `service: shop
entry: { api: https://shop.example }
regions:
  north: { jurisdiction: EU, share: 70, endpoint: https://north.shop.example }
  south: { jurisdiction: EU, share: 30, endpoint: https://south.shop.example }
checks:
  - { name: entry, kind: http, to: entry.api, path: /, every: 1m }
  - { name: inside, kind: http, to: [south], from: south, every: 1m }
objectives:
  - { id: up, check: entry, indicator: availability, target: 99%, window: 30d, bursts: 5m }
  - { id: inside, check: inside, indicator: availability, target: 99%, window: 30d, bursts: 5m }
`,
);

const servers: Server[] = [];
afterAll(() => Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve)))));

/** Answers every question so; gives its URL, and the tokens that were shown to it. */
async function answering(answer: unknown): Promise<{ readonly url: string; readonly tokens: (string | undefined)[] }> {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    response.setHeader('connection', 'close').end(JSON.stringify(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tokens };
}

const agent = (vantage: string, connected = true) => ({ agent: `of-${vantage}`, vantage, connected });

async function linted(...argv: readonly string[]): Promise<LintAnswer & { readonly code: number }> {
  const said = await command(['lint', '--scenario', file, '--json', ...argv]);
  expect(said.stderr).toBe('');
  return { ...(JSON.parse(said.stdout) as LintAnswer), code: said.code };
}

test('counts the vantages of all aggregators once, and none that is away', async () => {
  const one = await answering({ agents: [agent('north'), agent('office'), agent('away', false)] });
  const other = await answering({ agents: [agent('office'), agent('south')] });
  const { vantages, objectives, code } = await linted('--aggregator', one.url, '--aggregator', other.url);
  expect(vantages).toEqual(['north', 'office', 'south']);
  expect(objectives.map(({ at }) => at[0]?.perRound)).toEqual([3, 1]);
  expect(code).toBe(0);
  const without = await linted();
  expect(without).not.toHaveProperty('vantages');
  expect(without.objectives.map(({ at }) => at[0]?.perRound)).toEqual([2, 1]);
});

test('a check that nobody makes is a problem', async () => {
  const { url } = await answering({ agents: [agent('north')] });
  const { objectives, code } = await linted('--aggregator', url);
  expect(objectives[1]?.at[0]?.findings).toContainEqual({
    level: 'problem',
    topic: 'check',
    says: 'inside is to be made from south, and nobody is connected from there',
    remedy: 'agents there, or another from for inside',
  });
  expect(code).toBe(1);
});

test('so are objectives where no agent is connected', async () => {
  const { url } = await answering({ agents: [] });
  const said = await command(['lint', '--scenario', file, '--aggregator', url]);
  expect(said.code).toBe(1);
  expect(said.stdout).toContain('  ! no vantage is connected: nothing is probed\n      → start agents\n');
});

test('shows its token', async () => {
  const { url, tokens } = await answering({ agents: [agent('north'), agent('south')] });
  await linted('--aggregator', url, '--token-file', shop.file('reader', 'a-token\n'));
  expect(tokens).toEqual(['Bearer a-token']);
});

test('what does not answer, or is no aggregator, is inconclusive', async () => {
  const { url } = await answering({ hello: 'world' });
  const said = await command(['lint', '--scenario', file, '--aggregator', url]);
  expect(said).toEqual({ code: 3, stdout: '', stderr: `what answers at ${url} is no aggregator: it has no fleet\n` });
  const nobody = await command(['lint', '--scenario', file, '--aggregator', 'http://127.0.0.1:9']);
  expect(nobody).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('cannot be reached') });
});

test.each([
  ['nobody', null],
  ['a list', []],
  ['one without a vantage', { connected: true }],
  ['one whose vantage is a number', { connected: true, vantage: 5 }],
  ['one of which it is not said whether it is connected', { connected: 'no', vantage: 'north' }],
])('a fleet with %s among its agents is none', async (_, odd) => {
  const { url } = await answering({ agents: [agent('north'), odd] });
  const said = await command(['lint', '--scenario', file, '--aggregator', url]);
  expect(said).toEqual({ code: 3, stdout: '', stderr: `what answers at ${url} is no aggregator: it has no fleet\n` });
});
