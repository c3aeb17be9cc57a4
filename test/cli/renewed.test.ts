import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { optionReader } from '../../cli/options.ts';
import { renewedPem, renewedToken } from '../../cli/renewed.ts';
import { silent } from '../../contract/log.ts';
import { Mistakes } from '../../contract/mistake.ts';
import type { ClientPem } from '../../probes/uplink.ts';
import { fakeClock } from '../fakes/clock.ts';
import { newAuthority } from '../fakes/pki.ts';
import { workshop } from './workshop.ts';

const shop = workshop();
const clock = fakeClock();
let one: ClientPem;
let two: ClientPem;
beforeAll(async () => {
  const authority = await newAuthority('ca', clock.wallMs());
  [one, two] = [await authority.issue({ commonName: 'one' }), await authority.issue({ commonName: 'two' })];
});

function watching() {
  const said: string[] = [];
  const note = (_facts: object, message: string): void => void said.push(message);
  return { clock, log: { ...silent, warn: note, info: note }, said };
}

function mistakes(of: (reader: ReturnType<typeof optionReader>) => unknown): string {
  const reader = optionReader();
  of(reader);
  try {
    reader.check();
    return '';
  } catch (error) {
    if (error instanceof Mistakes) return error.message;
    throw error;
  }
}

test('a token is read again, and the last one that could be read goes on', async () => {
  const file = shop.file('token', 'first\n');
  const own = watching();
  const token = renewedToken(optionReader(), '--token-file', file, own);
  writeFileSync(file, 'second\n');
  expect(token?.()).toBe('first');
  await clock.advance(1_000);
  expect(token?.()).toBe('second');
  writeFileSync(file, '');
  await clock.advance(1_000);
  expect(token?.()).toBe('second');
  await clock.advance(1_000);
  expect(token?.()).toBe('second');
  writeFileSync(file, 'third');
  await clock.advance(1_000);
  expect(token?.()).toBe('third');
  expect(own.said).toEqual(['it cannot be used any more: what was read before goes on', 'it can be used again']);
});

describe('a certificate and its key', () => {
  const files = (name: string, pem: ClientPem) => ({
    cert: shop.file(`${name}.pem`, pem.cert),
    key: shop.file(`${name}.key`, pem.key),
  });

  test('are renewed together, and never taken while they do not belong together', async () => {
    const at = files('renewed', one);
    const pem = renewedPem(optionReader(), at, '--client-ca', watching());
    expect(pem?.()).toMatchObject(one);
    writeFileSync(at.cert, two.cert);
    await clock.advance(1_000);
    expect(pem?.()).toMatchObject(one);
    writeFileSync(at.key, two.key);
    await clock.advance(1_000);
    expect(pem?.()).toMatchObject(two);
  });

  test('are refused with all that is wrong', () => {
    const own = watching();
    const { cert } = files('one', one);
    const { key } = files('two', two);
    const none = join(shop.dir, 'none');
    expect(mistakes((reader) => renewedPem(reader, { cert }, '--client-ca', own))).toBe(
      '--tls-key: got nothing, want a file in PEM: a certificate and its key go together',
    );
    expect(mistakes((reader) => renewedPem(reader, { key }, '--client-ca', own))).toMatch(/^--tls-cert: got nothing/);
    expect(mistakes((reader) => renewedPem(reader, { ca: cert }, '--client-ca', own))).toBe(
      '--client-ca: got no --tls-cert, want --tls-cert and --tls-key too',
    );
    expect(mistakes((reader) => renewedPem(reader, { cert, key }, '--client-ca', own))).toMatch(/mismatch/);
    expect(mistakes((reader) => renewedPem(reader, { cert: none, key }, '--client-ca', own))).toContain('(ENOENT)');
    expect(mistakes((reader) => renewedPem(reader, { cert: key, key }, '--client-ca', own))).not.toBe('');
    expect(mistakes((reader) => renewedPem(reader, { ...files('both', one), ca: key }, '--client-ca', own))).not.toBe(
      '',
    );
  });
});
