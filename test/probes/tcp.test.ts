// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dialogues.
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { type AttemptContext, attempt } from '../../probes/attempt.ts';
import { addsUp } from '../conformance/probers.ts';
import { mailCertificate, talks } from '../fakes/dialogue.ts';
import { answerTo, dnsServer } from '../fakes/dns-server.ts';
import { passingClock, probing, tcpCheck } from '../fakes/probing.ts';
import { startTlsServer } from '../fakes/starttls-server.ts';
import { type TcpTarget, tcpTarget } from '../fakes/tcp-target.ts';
import { tlsTarget } from '../fakes/tls-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function target(serve: (socket: Socket) => void, host?: string): Promise<TcpTarget> {
  const server = await tcpTarget(serve, host);
  ends.push(server.close);
  return server;
}

async function seen(
  serve: (socket: Socket) => void,
  more: Partial<Check<'tcp'>>,
  context: Partial<AttemptContext> = {},
): Promise<Observation> {
  const server = await target(serve);
  return attempt(tcpCheck(server.at, more), { ...probing(passingClock()), ...context }, undefined);
}

describe('a tcp attempt', () => {
  test('is good with an open connection, in the region that its address leads to', async () => {
    const server = await target(() => undefined, '127.1.0.1');
    const dns = await dnsServer((query) =>
      answerTo(query, [{ type: 'A', name: 'db.test', ttl: 30, data: '127.1.0.1' }]),
    );
    ends.push(() => dns.close());
    const check = tcpCheck({ host: 'db.test', port: server.at.port }, { region: 'asked' });
    const observation = await attempt(check, probing(passingClock(), { resolver: dns.at }), undefined);
    expect(observation).toMatchObject({ outcome: 'good', region: 'us-east-1', servedBy: null });
    expect(observation.details).toEqual({ address: `127.1.0.1:${server.at.port}` });
    expect(Object.keys(observation.phases)).toEqual(['resolve', 'connect']);
    addsUp(observation);
    await server.quiet();
  });

  test('keeps what the dialogue found by name', async () => {
    const dialogue = [{ expect: '^SSH-(\\S+)-(?P<by>\\S+)', labels: { protocol: '$1', by: '${by}' } }];
    const observation = await seen((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), { dialogue });
    expect(observation).toMatchObject({ outcome: 'good' });
    expect(observation.details.extra).toEqual({ labels: { protocol: '2.0', by: 'OpenSSH_9.6' } });
  });

  test('speaks and hears bytes as hexadecimal', async () => {
    const dialogue = [{ sendHex: '01ff' }, { expectHex: 'ff01' }];
    const serve = (socket: Socket): void => {
      socket.on('data', (chunk: Buffer) => socket.write(Buffer.from(chunk).reverse()));
    };
    expect(await seen(serve, { dialogue })).toMatchObject({ outcome: 'good' });
  });

  test('that says what is refused is bad as soon as it is', async () => {
    const dialogue = [{ expect: '^220 ', refuse: '^[45]' }];
    const observation = await seen((socket) => socket.write('421 too many\r\n'), { dialogue });
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'answer' });
    expect(observation.reason).toBe('answer: got the refusal "421 too many", want a line with /^220 /');
  });
});

describe('a secret in a dialogue', () => {
  const asked: unknown[] = [];
  const secrets = {
    async read(reference: unknown, host: string) {
      asked.push([reference, host]);
      return 'pa$1$$word';
    },
  };
  const login = [{ expect: '^([+])OK', send: 'PASS {secret}', secret: { file: 'pop3' } }, { expect: '^[+]OK in' }];

  test('is sent as it is, to the host it is for', async () => {
    const heard: string[] = [];
    const serve = (socket: Socket): void =>
      talks(socket, '+OK\r\n', (line) => {
        heard.push(line);
        return '+OK in\r\n';
      });
    const alone = [{ send: 'AUTH {secret}', secret: { env: 'X' } }, ...login.slice(1)];
    expect(await seen(serve, { dialogue: login }, { secrets })).toMatchObject({ outcome: 'good' });
    expect(await seen(serve, { dialogue: alone }, { secrets })).toMatchObject({ outcome: 'good' });
    expect(heard).toEqual(['PASS pa$1$$word', 'AUTH pa$1$$word']);
    expect(asked).toEqual([
      [{ file: 'pop3' }, '127.0.0.1'],
      [{ env: 'X' }, '127.0.0.1'],
    ]);
  });

  test('is not in what a server that says it again makes us say', async () => {
    const serve = (socket: Socket): void =>
      talks(socket, '+OK\r\n', (line) => {
        socket.end(`-ERR ${line}\r\n`);
        return undefined;
      });
    const observation = await seen(serve, { dialogue: login }, { secrets });
    expect(observation.reason).toBe(
      'answer: got the line "-ERR PASS <secret>" before the close, want a line with /^[+]OK in/',
    );
  });

  test('that cannot be had is the agent’s trouble, and nothing is asked of the target', async () => {
    const server = await target(() => undefined);
    const check = tcpCheck(server.at, { dialogue: login });
    const refused = { read: () => Promise.reject(new Error('secret file "pop3": there is no such file')) };
    expect(await attempt(check, { ...probing(passingClock()), secrets: refused }, undefined)).toMatchObject({
      outcome: 'missing',
      failedAt: 'agent',
      reason: 'secret file "pop3": there is no such file',
    });
    expect(await attempt(check, probing(passingClock()), undefined)).toMatchObject({ outcome: 'missing' });
    expect(server.connections()).toBe(0);
  });
});

describe('TLS under a tcp attempt', () => {
  test('begins with the connection unless somebody says otherwise', async () => {
    const { authority, cert, key } = await mailCertificate();
    const server = await tlsTarget({ cert, key }, (socket) => talks(socket, 'hi\r\n', () => undefined));
    ends.push(server.close);
    const tls = { ca: authority.caPem, serverName: 'mail.test' };
    const check = tcpCheck(server.at, { tls, dialogue: [{ expect: '^hi$' }] });
    const observation = await attempt(check, probing(passingClock()), undefined);
    expect(observation).toMatchObject({ outcome: 'good', details: { extra: { subject: 'CN=mail.test' } } });
    expect(Object.keys(observation.phases)).toEqual(['connect', 'tls', 'firstByte', 'transfer']);
  });

  test.each([
    [
      'after a protocol’s own words',
      { startTls: 'smtp' as const, dialogue: [{ send: 'EHLO again\r' }, { expect: '^heard EHLO again$' }] },
    ],
    [
      'where a step says so',
      {
        dialogue: [
          { expect: '^220 ready', send: 'STARTTLS\r' },
          { expect: '^220 go', startTls: true as const },
          { send: 'NOOP' },
          { expect: '^heard NOOP$' },
        ],
      },
    ],
  ])('begins %s, and the dialogue goes on in it', async (_, more) => {
    const { authority, cert, key } = await mailCertificate();
    const server = await startTlsServer('smtp', { cert, key });
    ends.push(server.close);
    const check = tcpCheck(server.at, { tls: { ca: authority.caPem, serverName: 'mail.test' }, ...more });
    const observation = await attempt(check, probing(passingClock()), undefined);
    expect(observation.reason).toBeUndefined();
    expect(observation).toMatchObject({ outcome: 'good', details: { extra: { tlsVersion: 'TLS 1.3' } } });
    addsUp(observation);
  });
});
