import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SecretStore, secretStore } from '../../probes/secrets.ts';
import { type FakeClock, fakeClock } from '../fakes/clock.ts';

const theSecret = 'correct horse battery staple';
let root = '';
let dir = '';
let clock: FakeClock;
let store: SecretStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'blackstart-secrets-'));
  dir = join(root, 'secrets');
  mkdirSync(dir);
  clock = fakeClock();
  store = secretStore({ dir, env: {} }, clock);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, text: string | Buffer, hosts: string | null = 'shop.example\n'): void {
  writeFileSync(join(dir, name), text);
  if (hosts !== null) writeFileSync(join(dir, `${name}.hosts`), hosts);
}
const read = (file: string, host = 'shop.example'): Promise<string> => store.read({ file }, host);
/** Why it was not read; never what. */
async function whyNot(reading: Promise<string>): Promise<string> {
  const why = await reading.then(
    () => 'it was read',
    (error: unknown) => String(error),
  );
  expect(why).not.toContain(theSecret);
  return why;
}

describe('a secret in a file', () => {
  test.each([
    ['abc', 'abc'],
    ['abc\n', 'abc'],
    ['abc\r\n', 'abc'],
    ['abc\n\n', 'abc\n'],
    [' a b ', ' a b '],
    ['', ''],
  ])('%j is read as %j: one newline is cut and nothing else', async (text, secret) => {
    put('token', text);
    expect(await read('token')).toBe(secret);
  });

  test('is read again when it changed, however long it takes to be asked for', async () => {
    put('token', 'one');
    expect(await read('token')).toBe('one');
    // As those who rotate secrets do: another file in its place.
    writeFileSync(join(dir, 'new'), 'two');
    renameSync(join(dir, 'new'), join(dir, 'token'));
    await clock.advance(1_000);
    expect(await read('token')).toBe('two');
    rmSync(join(dir, 'token'));
    await clock.advance(1_000);
    expect(await whyNot(read('token'))).toContain('there is no such file');
  });

  test.each([
    '../outside',
    '/etc/passwd',
    'a/../../outside',
    '..',
    '.',
    '',
    'a//b',
    './token',
    'a\\b',
    'to\u0000ken',
    'a'.repeat(300),
    '..data/token',
  ])('%j is no name of a secret', async (name) => {
    writeFileSync(join(root, 'outside'), theSecret);
    writeFileSync(join(root, 'outside.hosts'), 'shop.example');
    expect(await whyNot(read(name))).toContain('want the name of a file within the folder of secrets');
  });

  test('a link out of the folder is not followed, one within it is', async () => {
    writeFileSync(join(root, 'outside'), theSecret);
    symlinkSync(join(root, 'outside'), join(dir, 'sly'));
    symlinkSync(root, join(dir, 'slyer'));
    put('sly.hosts', 'shop.example', null);
    writeFileSync(join(root, 'outside.hosts'), 'shop.example');
    expect(await whyNot(read('sly'))).toContain('it leads out of the folder of secrets');
    expect(await whyNot(read('slyer/outside'))).toContain('it leads out of the folder of secrets');
    // A mounted Kubernetes secret: name -> ..data/name -> ..2026_11_22/name.
    mkdirSync(join(dir, '..2026_11_22'));
    writeFileSync(join(dir, '..2026_11_22', 'token'), 'abc');
    writeFileSync(join(dir, '..2026_11_22', 'token.hosts'), 'shop.example');
    symlinkSync('..2026_11_22', join(dir, '..data'));
    symlinkSync('..data/token', join(dir, 'token'));
    symlinkSync('..data/token.hosts', join(dir, 'token.hosts'));
    expect(await read('token')).toBe('abc');
  });

  test('is at most 64 KiB', async () => {
    put('fits', 'x'.repeat(65_536));
    expect((await read('fits')).length).toBe(65_536);
    put('large', `${theSecret}${'x'.repeat(65_536)}`);
    expect(await whyNot(read('large'))).toContain('want at most 65536 bytes');
  });

  test('a folder or a pipe is none, and nothing waits for it', async () => {
    mkdirSync(join(dir, 'folder'));
    put('folder.hosts', 'shop.example', null);
    expect(await whyNot(read('folder'))).toContain('want a file');
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    put('pipe.hosts', 'shop.example', null);
    expect(await whyNot(read('pipe'))).toContain('want a file');
  });

  test('without a folder there are none', async () => {
    store = secretStore({ dir: null, env: {} }, clock);
    expect(await whyNot(read('token'))).toContain('--secrets');
  });
});

describe('to whom a secret is sent', () => {
  test('to nobody, where nothing says to whom', async () => {
    put('token', theSecret, null);
    expect(await whyNot(read('token'))).toBe(
      'Error: secret file "token": there is no token.hosts that says to whom it may be sent',
    );
    put('token', theSecret, '\n');
    expect(await whyNot(read('token'))).toContain('it is not for shop.example: token.hosts does not name that host');
  });

  test.each([
    ['shop.example', 'api.shop.example', true],
    ['.shop.example', 'shop.example', false],
    ['shop.example', 'SHOP.example.', true],
    ['shop.example', 'evilshop.example', false],
    ['shop.example', 'shop.example.evil', false],
    ['a.example, b.example', 'b.example', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.10', false],
    ['2001:db8::1', '[2001:db8::1]', true],
    ['localhost', '127.0.0.1', false],
  ])('a list %j and %s: %s', async (hosts, host, isTold) => {
    put('token', theSecret, hosts);
    if (isTold) expect(await read('token', host)).toBe(theSecret);
    else expect(await whyNot(read('token', host))).toContain('it is not for');
  });

  test('a host that is taken off the list is not told any more', async () => {
    put('token', theSecret);
    expect(await read('token')).toBe(theSecret);
    put('token', theSecret, 'other.example.net');
    await clock.advance(1_000);
    expect(await whyNot(read('token'))).toContain('it is not for shop.example');
  });
});

describe('a secret in the environment', () => {
  const env = {
    BLACKSTART_SECRET_TOKEN: `${theSecret}\n`,
    BLACKSTART_SECRET_TOKEN_HOSTS: 'shop.example',
    BLACKSTART_SECRET_UNBOUND: theSecret,
    AWS_SECRET_ACCESS_KEY: theSecret,
    AWS_SECRET_ACCESS_KEY_HOSTS: 'shop.example',
    BLACKSTART_SECRET_LARGE: theSecret.repeat(4_000),
    BLACKSTART_SECRET_LARGE_HOSTS: 'shop.example',
    BLACKSTART_SECRET_GONE_HOSTS: 'shop.example',
  };
  const readEnv = (name: string, host = 'shop.example'): Promise<string> =>
    secretStore({ dir: null, env }, clock).read({ env: name }, host);

  test('is read where its name says that it is one', async () => {
    expect(await readEnv('BLACKSTART_SECRET_TOKEN')).toBe(theSecret);
  });
  test.each([
    ['AWS_SECRET_ACCESS_KEY', 'want a name that begins with BLACKSTART_SECRET_'],
    ['BLACKSTART_SECRET_UNBOUND', 'there is no BLACKSTART_SECRET_UNBOUND_HOSTS'],
    ['BLACKSTART_SECRET_GONE', 'there is no such variable'],
    ['BLACKSTART_SECRET_LARGE', 'want at most 65536 bytes'],
    ['__proto__', 'want a name that begins with'],
  ])('%s is not: %s', async (name, why) => {
    expect(await whyNot(readEnv(name))).toContain(why);
  });
  test('and only for its hosts', async () => {
    expect(await whyNot(readEnv('BLACKSTART_SECRET_TOKEN', 'evil.example'))).toContain('it is not for evil.example');
  });
});
