import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { command } from '../fakes/command-line.ts';
import { newAuthority } from '../fakes/pki.ts';
import { tlsTarget } from '../fakes/tls-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('checks of kind tcp and tls of the scenario draw what was agreed, and when the certificate ends', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-cli-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  const wallMs = systemClock().wallMs();
  const root = await newAuthority('Root', wallMs);
  const server = await tlsTarget(
    await root.issue({ commonName: 'shop', addresses: ['127.0.0.1'], usage: 'server', forMs: 9 * 86_400_000 }),
  );
  ends.push(server.close);
  const regions = { here: { jurisdiction: 'US', share: 100, endpoint: `https://127.0.0.1:${server.at.port}` } };
  const asked = { to: 'regions', every: '10s', timeout: '5s' };
  const checks = [
    { name: 'port', kind: 'tcp', ...asked },
    { name: 'certificate', kind: 'tls', ...asked, tls: { ca: root.caPem }, expect: { minDaysLeft: 5 } },
    { name: 'longer', kind: 'tls', ...asked, tls: { ca: root.caPem }, expect: { minDaysLeft: 30 } },
  ];
  const file = join(dir, 'shop.json');
  writeFileSync(file, JSON.stringify({ service: 'shop', regions, checks }));

  expect(await command(['check', 'port', '--scenario', file])).toMatchObject({ code: 0, stderr: '' });
  const good = await command(['check', 'certificate', '--scenario', file]);
  expect(good).toMatchObject({ code: 0, stderr: '' });
  const endsOn = new Date(wallMs + 9 * 86_400_000).toISOString().slice(0, 10);
  expect(good.stdout).toContain(`tls TLS 1.3 · cipher TLS_AES_256_GCM_SHA384 · subject CN=shop · ends ${endsOn}`);
  const bad = await command(['check', 'longer', '--scenario', file]);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/answer: certificate: got [89]\.\d days until/);
});
