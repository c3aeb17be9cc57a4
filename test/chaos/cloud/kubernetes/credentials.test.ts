/** Until when what a kubeconfig shows is good. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificateEndMs, credentialsOf, tokenEndMs } from '../../../../chaos/cloud/kubernetes/credentials.ts';
import { systemClock } from '../../../../contract/clock.ts';
import { certificateAuthority } from '../../../../lab/certificates.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'blackstart-credentials-'));
});
afterAll(() => rm(dir, { recursive: true }));

function token(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.signature`;
}

const authority = await certificateAuthority(systemClock());
const issued = await authority.issue({ names: ['admin'], addresses: [] });

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function configOf(user: object): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: 'https://127.0.0.1:1' }],
    users: [{ name: 'ci', ...user }],
    contexts: [{ name: 'x', cluster: 'c', user: 'ci' }],
    currentContext: 'x',
  });
  return config;
}

describe('credentials', () => {
  test('are none where the user has none', async () => {
    expect(await credentialsOf(configOf({}))).toEqual([]);
  });

  test('of a token that says its end', async () => {
    expect(await credentialsOf(configOf({ token: token({ exp: 1_763_689_200 }) }))).toEqual([
      { what: 'the token of user ci', expiresAtMs: 1_763_689_200_000, renewed: false },
    ]);
  });

  test('of a token that does not say it', async () => {
    expect(await credentialsOf(configOf({ token: 'abc' }))).toEqual([
      { what: 'the token of user ci', expiresAtMs: null, renewed: false },
    ]);
  });

  test('of a client certificate, beside a token', async () => {
    const found = await credentialsOf(
      configOf({ certData: base64(issued.certPem), keyData: base64(issued.keyPem), token: token({ exp: 1 }) }),
    );
    expect(found).toEqual([
      { what: 'the client certificate of user ci', expiresAtMs: certificateEndMs(issued.certPem), renewed: false },
      { what: 'the token of user ci', expiresAtMs: 1_000, renewed: false },
    ]);
    expect(found[0]?.expiresAtMs).toBeGreaterThan(0);
  });

  test('of a plugin are made anew when they end', async () => {
    const plugin = join(dir, 'plugin.mjs');
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: token({ exp: 1_763_689_200 }) },
    };
    await writeFile(plugin, `process.stdout.write(${JSON.stringify(JSON.stringify(credential))});\n`);
    const exec = { apiVersion: credential.apiVersion, command: process.execPath, args: [plugin] };
    expect(await credentialsOf(configOf({ exec }))).toEqual([
      { what: 'the token of user ci', expiresAtMs: 1_763_689_200_000, renewed: true },
    ]);
  });
});

describe('the end of', () => {
  test('a certificate is its last moment, and of what is no certificate it is not known', () => {
    expect(certificateEndMs(issued.certPem)).not.toBeNull();
    expect(certificateEndMs('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')).toBeNull();
    expect(certificateEndMs('')).toBeNull();
  });

  test('a token is in its claims, and is not known of anything else', () => {
    expect(tokenEndMs(token({ exp: 2 }))).toBe(2_000);
    for (const odd of [token({}), token({ exp: 'soon' }), 'a.b.c', 'opaque', '', 'a.'])
      expect(tokenEndMs(odd)).toBeNull();
    expect(tokenEndMs(`a.${Buffer.from('7').toString('base64url')}.c`)).toBeNull();
  });
});
