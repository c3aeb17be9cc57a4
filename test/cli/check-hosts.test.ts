import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../fakes/command-line.ts';
import { type HealthServer, healthServer, registry } from '../fakes/health-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'blackstart-cli-'));
let server: HealthServer;
let file: string;

beforeAll(async () => {
  server = await healthServer(registry({ cart: 1, till: 2 }));
  const regions = { here: { jurisdiction: 'US', share: 100, endpoint: 'http://127.0.0.1' } };
  const grpc = { kind: 'grpc', to: 'regions', port: server.at.port, every: '10s', timeout: '2s' };
  const checks = [
    { name: 'cart', service: 'cart', ...grpc },
    { name: 'till', service: 'till', ...grpc },
    { name: 'reach', kind: 'icmp', to: 'regions', every: '10s', timeout: '2s' },
  ];
  file = join(dir, 'shop.json');
  writeFileSync(file, JSON.stringify({ service: 'shop', regions, checks }));
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

test('a grpc check of the scenario is made by its name, and draws what the service said', async () => {
  const good = await command(['check', 'cart', '--scenario', file]);
  expect(good).toMatchObject({ code: 0, stderr: '' });
  expect(good.stdout).toContain('grpc status 0 · serving SERVING');
  const bad = await command(['check', 'till', '--scenario', file]);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain('answer: health: got NOT_SERVING, want SERVING');
});

test('so is an icmp check, which says by which way', async () => {
  const said = await command(['check', 'reach', '--scenario', file]);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.stdout).toMatch(/ {2}firstByte .*\n {2}address 127\.0\.0\.1 · by (icmp|udp)/);
});

test('--json has all that they showed', async () => {
  const { stdout } = await command(['check', '--all', '--scenario', file, '--json']);
  const { attempts } = JSON.parse(stdout) as {
    attempts: { check: string; kind: string; details: { extra: object } }[];
  };
  expect(attempts).toMatchObject([
    { check: 'cart/here', kind: 'grpc', outcome: 'good', details: { extra: { grpcStatus: 0, serving: 'SERVING' } } },
    { check: 'till/here', kind: 'grpc', outcome: 'bad', details: { extra: { grpcStatus: 0, serving: 'NOT_SERVING' } } },
    { check: 'reach/here', kind: 'icmp', outcome: 'good' },
  ]);
});
