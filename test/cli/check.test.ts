import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../fakes/command-line.ts';
import { answerTo, dnsServer } from '../fakes/dns-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'blackstart-cli-'));
let server: Server;
let url: string;
let asked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1;
    response.writeHead(request.url === '/broken' ? 503 : 200, { 'x-region': 'here' }).end('well');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

function scenario(paths: Readonly<Record<string, string>>): string {
  const file = join(dir, `${Object.keys(paths).join('-')}.json`);
  const checks = Object.entries(paths).map(([name, path]) => {
    return { name, kind: 'http', to: 'regions', path, every: '10s', timeout: '2s', expect: { status: 200 } };
  });
  const regions = { here: { jurisdiction: 'US', share: 100, endpoint: url } };
  const identity = { servedBy: { header: 'x-region' } };
  writeFileSync(file, JSON.stringify({ service: 'demo', entry: { api: url }, regions, identity, checks }));
  return file;
}

test('an attempt that went well exits 0 and draws its phases, which add up', async () => {
  const said = await command(['check', `${url}/`]);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.stdout).toMatch(/ {2}good {2}/);
  for (const phase of ['connect', 'firstByte', 'transfer']) expect(said.stdout).toContain(`  ${phase}`);
  expect(said.stdout).toContain('status 200');
});

test('a bad status and a refused connection exit 1 and say where the attempt stopped', async () => {
  const broken = await command(['check', `${url}/broken`]);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/answer: .*503/);
  const refused = await command(['check', 'http://127.0.0.1:1/']);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/connect: .*refused/);
});

test('one attempt means one request', async () => {
  asked = 0;
  await command(['check', `${url}/broken`]);
  expect(asked).toBe(1);
});

test('--json prints exactly one document, of one attempt or of all', async () => {
  const one = await command(['check', `${url}/broken`, '--json']);
  expect(one.code).toBe(1);
  expect(JSON.parse(one.stdout)).toMatchObject({ outcome: 'bad', failedAt: 'answer', details: { status: 503 } });
  const all = await command(['check', '--all', '--scenario', scenario({ fine: '/', other: '/x' }), '--json']);
  expect(all).toMatchObject({ code: 0, stderr: '' });
  const { attempts } = JSON.parse(all.stdout) as { attempts: { check: string; outcome: string; servedBy: string }[] };
  expect(attempts.map(({ check, outcome, servedBy }) => [check, outcome, servedBy])).toEqual([
    ['fine/here', 'good', 'here'],
    ['other/here', 'good', 'here'],
  ]);
});

test('of several attempts the worst gives the exit code', async () => {
  const said = await command(['check', '--all', '--scenario', scenario({ well: '/', ill: '/broken' })]);
  expect(said.code).toBe(1);
});

test('a check of the scenario is made by its name', async () => {
  const file = scenario({ first: '/', second: '/broken' });
  expect((await command(['check', 'first', '--scenario', file])).code).toBe(0);
  expect((await command(['check', 'second', `--scenario=${file}`])).code).toBe(1);
});

test('a host name is resolved at the resolver that was named, with the subnet that was named', async () => {
  const answers = [{ type: 'A' as const, name: 'shop.example', ttl: 60, data: '192.0.2.7' }];
  const dns = await dnsServer((query) => answerTo(query, answers));
  try {
    const at = `${dns.at.host}:${dns.at.port}`;
    const said = await command(['check', 'shop.example', `--resolver=${at}`, '--subnet=203.0.113.0/24', '--json']);
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(said.stdout)).toMatchObject({
      kind: 'dns',
      outcome: 'good',
      details: { answers: ['192.0.2.7'] },
    });
    expect(JSON.stringify(dns.queries[0]?.packet.additionals)).toContain('203.0.113.0');
  } finally {
    await dns.close();
  }
});
