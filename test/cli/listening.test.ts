import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { newAuthority } from '../fakes/pki.ts';
import { run } from '../fakes/program.ts';
import { workshop } from './workshop.ts';

const shop = workshop();
const state = `--state=${join(shop.dir, 'state')}`;
const tokenFile = shop.file('token', 'a-token\n');

test('an aggregator that listens beyond loopback wants a token for reading; all mistakes are said at once', async () => {
  const argv = ['--tls-cert', join(shop.dir, 'none.pem'), '--external-url', 'here'];
  const { code, stderr } = await run(['aggregator', '--listen=0.0.0.0:0', state, `--token-file=${tokenFile}`, ...argv]);
  expect(code).toBe(2);
  expect(stderr).toContain('--read-token-file: got nothing, want a token for reading');
  expect(stderr).toContain('--tls-key: got nothing');
  expect(stderr).toContain('--external-url: got "here"');
});

test('watch has no token for reading, and listens on loopback alone', async () => {
  const { code, stderr } = await run(['watch', 'http://127.0.0.1:1/', '--listen=[::]:0']);
  expect(code).toBe(2);
  expect(stderr).toContain('--listen: got "[::]:0"');
});

test('an agent shows a certificate over TLS alone', async () => {
  const authority = await newAuthority('ca', systemClock().wallMs());
  const pem = await authority.issue({ commonName: 'a' });
  const files = [`--tls-cert=${shop.file('a.pem', pem.cert)}`, `--tls-key=${shop.file('a.key', pem.key)}`];
  const argv = ['agent', '--vantage=a', '--region=a', '--aggregator=http://127.0.0.1:1', state];
  const { code, stderr } = await run([...argv, ...files]);
  expect(code).toBe(2);
  expect(stderr).toContain('--aggregator: got http, want https');
});
