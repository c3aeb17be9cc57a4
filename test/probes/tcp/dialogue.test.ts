// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates are Go’s.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { converse, type Dialogue, type DialogueTerms } from '../../../probes/tcp/dialogue.ts';
import { contextWith, mailCertificate, phasesAddUp, talks, termsFor } from '../../fakes/dialogue.ts';
import { deadPort, type TcpTarget, tcpTarget } from '../../fakes/tcp-target.ts';
import { tlsTarget } from '../../fakes/tls-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function target(serve: (socket: Socket) => void, host?: string): Promise<TcpTarget> {
  const server = await tcpTarget(serve, host);
  ends.push(server.close);
  return server;
}

async function ask(serve: (socket: Socket) => void, more: Partial<DialogueTerms>): Promise<Dialogue> {
  const server = await target(serve);
  const seen = await converse(termsFor(server.at, more), contextWith());
  await server.quiet();
  expect(server.connections()).toBe(1);
  return seen;
}

describe('a connection', () => {
  test('is enough where no dialogue is wanted, and is closed at once', async () => {
    const seen = await ask(() => undefined, {});
    expect(seen).toMatchObject({ ok: true, failure: null, ip: '127.0.0.1', tls: null, transcript: [] });
    expect(Object.keys(seen.phases)).toEqual(['connect']);
    phasesAddUp(seen);
  });

  test('may be over IPv6', async () => {
    const server = await target(() => undefined, '::1');
    expect(await converse(termsFor(server.at), contextWith())).toMatchObject({ ok: true, ip: '::1' });
  });

  test('that is refused fails at connect', async () => {
    const seen = await converse(termsFor(deadPort), contextWith());
    expect(seen).toMatchObject({ ok: false, failure: { failedAt: 'connect' } });
    expect(seen.failure?.reason).toMatch(/connection refused/);
    phasesAddUp(seen);
  });

  test('to a name without an address fails at resolve', async () => {
    const context = { ...contextWith(), ending: AbortSignal.abort(new Error('stopping')) };
    const seen = await converse(termsFor({ host: 'mail.test', port: 25 }), context);
    expect(seen).toMatchObject({ ok: false, ip: null, failure: { failedAt: 'agent' } });
    expect(Object.keys(seen.phases)).toEqual(['resolve']);
  });

  test('over TLS from its start says what was agreed and who vouched', async () => {
    const { authority, cert, key } = await mailCertificate();
    const server = await tlsTarget({ cert, key });
    ends.push(server.close);
    const terms = termsFor(server.at, { tls: true, tlsName: 'mail.test', tlsSettings: { ca: authority.caPem } });
    const seen = await converse(terms, contextWith());
    expect(seen).toMatchObject({ ok: true, tls: { version: 'TLS 1.3', peers: [{ subject: 'CN=mail.test' }] } });
    expect(seen.tls?.chains).toHaveLength(1);
    expect(Object.keys(seen.phases)).toEqual(['connect', 'tls']);
    phasesAddUp(seen);
  });

  test('over TLS expects the name of its host unless another is said', async () => {
    const { authority, cert, key } = await mailCertificate();
    const server = await tlsTarget({ cert, key });
    ends.push(server.close);
    const tls = { tls: true, tlsSettings: { ca: authority.caPem } };
    expect(await converse(termsFor(server.at, tls), contextWith())).toMatchObject({ ok: true });
    const seen = await converse(termsFor(server.at, { ...tls, tlsName: 'web.test' }), contextWith());
    expect(seen).toMatchObject({ ok: false, tls: null, failure: { failedAt: 'tls' } });
    expect(seen.failure?.reason).toMatch(/got DNS:mail\.test.*, want web\.test/);
  });
});

describe('a line that is expected', () => {
  test('may come after others, with either end, in pieces', async () => {
    const seen = await ask(
      (socket) => {
        for (const piece of ['220-mail.te', 'st\r\n220', '-more\n22', '0 ready\r', '\n']) socket.write(piece);
      },
      { steps: [{ expect: '^220 ready$' }] },
    );
    expect(seen).toMatchObject({ ok: true, failedDueToRegex: false });
    expect(seen.transcript).toEqual(['got 220-mail.test', 'got 220-more', 'got 220 ready']);
    expect(Object.keys(seen.phases)).toEqual(['connect', 'firstByte', 'transfer']);
    phasesAddUp(seen);
  });

  test('is matched without anchors, in RE2', async () => {
    const seen = await ask((socket) => socket.write('SSH-2.0-OpenSSH_9.6\n'), {
      steps: [{ expect: '(?i)openssh_\\d' }],
    });
    expect(seen.ok).toBe(true);
  });

  test('may be the last one, without an end', async () => {
    const seen = await ask((socket) => socket.end('ready'), { steps: [{ expect: '^ready$' }] });
    expect(seen.ok).toBe(true);
  });

  test('that did not come before the close is a failure of the pattern', async () => {
    const seen = await ask((socket) => socket.end('554 busy\r\n'), { steps: [{ expect: '^220' }] });
    expect(seen).toMatchObject({ ok: false, failedDueToRegex: true, failure: { failedAt: 'answer' } });
    expect(seen.failure?.reason).toBe('answer: got the line "554 busy" before the close, want a line with /^220/');
    phasesAddUp(seen);
  });

  test('that another line refuses is not waited for any longer', async () => {
    const seen = await ask((socket) => socket.write('554 busy\r\n'), { steps: [{ expect: '^220', refuse: '^[45]' }] });
    expect(seen).toMatchObject({ ok: false, failedDueToRegex: false });
    expect(seen.failure?.reason).toBe('answer: got the refusal "554 busy", want a line with /^220/');
  });

  test('after a reset is the failure of the connection, not of the pattern', async () => {
    const seen = await ask(
      (socket) => socket.write('220-\r\n', () => socket.once('data', () => socket.resetAndDestroy())),
      { steps: [{ expect: '^220-', send: 'EHLO' }, { expect: '^250' }] },
    );
    expect(seen).toMatchObject({ ok: false, failedDueToRegex: false, failure: { failedAt: 'answer' } });
    expect(seen.failure?.reason).toMatch(/reset/);
  });

  test('of a pattern that is none is the agent’s trouble', async () => {
    const seen = await ask(() => undefined, { steps: [{ expect: '(?<!a)b' }] });
    expect(seen.failure?.failedAt).toBe('agent');
  });
});

describe('what is sent', () => {
  test('carries what was found, with a line feed behind it, and steps follow one another', async () => {
    const heard: string[] = [];
    const serve = (socket: Socket): void =>
      talks(socket, 'PING :abc\r\nsecond\n', (line) => {
        heard.push(line);
        return 'welcome x9\r\n';
      });
    const steps = [
      { expect: '^PING :(?P<token>\\w+)', send: 'PONG ${token}/$1' },
      { expect: '^second$' },
      { send: 'NICK ${1}' },
      {
        expect: 'welcome (\\w+)',
        labels: [
          { name: 'who', value: '<${1}>' },
          { name: 'fixed', value: 'yes' },
        ],
      },
    ];
    const seen = await ask(serve, { steps });
    expect(seen).toMatchObject({ ok: true, expectInfo: [{ who: '<x9>', fixed: 'yes' }] });
    // Where nothing is expected there is nothing to stand for a group.
    expect(heard).toEqual(['PONG abc/abc', 'NICK ${1}']);
    expect(seen.transcript).toContain('sent PONG abc/abc');
  });

  test('has left before the connection is closed, also when nothing is expected after it', async () => {
    const server = await target(() => undefined);
    const heard = server.heard().then((socket) => once(socket, 'end'));
    const sendBytes = Buffer.from([0, 1, 2, 255]);
    expect(await converse(termsFor(server.at, { steps: [{ sendBytes }] }), contextWith())).toMatchObject({ ok: true });
    await heard;
  });

  test('keeps secrets out of everything that is told', async () => {
    const steps = [{ send: 'AUTH s3cret' }, { expect: '^ok$', labels: [{ name: 'who', value: '$0' }] }];
    const server = await target((socket) =>
      talks(socket, undefined, (line) => {
        socket.end(`no such: ${line}\n`);
        return undefined;
      }),
    );
    const seen = await converse(termsFor(server.at, { steps, secrets: ['s3cret', ''] }), contextWith());
    expect(seen.ok).toBe(false);
    expect(JSON.stringify(seen)).not.toContain('s3cret');
    expect(seen.failure?.reason).toContain('AUTH <secret>');
    expect(seen.transcript.slice(0, 2)).toEqual(['sent AUTH <secret>', 'got no such: AUTH <secret>']);
  });
});

describe('bytes that are expected', () => {
  test('are taken after the line before them, in pieces too', async () => {
    const serve = (socket: Socket): void => {
      socket.write('hello\nPO');
      socket.write('NG!');
    };
    const steps = [{ expect: '^hello$' }, { expectBytes: Buffer.from('PONG') }, { expectBytes: Buffer.from('!') }];
    expect(await ask(serve, { steps })).toMatchObject({ ok: true, failedDueToBytes: false });
  });

  test('that are others fail as such', async () => {
    const seen = await ask((socket) => socket.write('PING'), { steps: [{ expectBytes: Buffer.from('PONG') }] });
    expect(seen).toMatchObject({ ok: false, failedDueToBytes: true, failedDueToRegex: false });
    expect(seen.failure?.reason).toBe('answer: got the bytes 50494e47, want the bytes 504f4e47');
  });

  test('that are too few are not waited for when the connection is closed', async () => {
    const seen = await ask((socket) => socket.end('PO'), { steps: [{ expectBytes: Buffer.from('PONG') }] });
    expect(seen).toMatchObject({ ok: false, failedDueToBytes: false, failure: { failedAt: 'answer' } });
  });

  test('an answer of its own length ends where it says, and says what is wrong', async () => {
    const answer = (got: Buffer) =>
      got.length < 1 + got.readUInt8(0)
        ? ('more' as const)
        : got[1] === 0x4f
          ? { bytes: 1 + got.readUInt8(0) }
          : { mistake: 'got no O' };
    const serve = (socket: Socket): void => {
      socket.write('\x02');
      socket.write('OKrest\n');
    };
    expect(await ask(serve, { steps: [{ answer }, { expect: '^rest$' }] })).toMatchObject({ ok: true });
    const seen = await ask((socket) => socket.write('\x01N'), { steps: [{ answer }] });
    expect(seen.failure?.reason).toBe('answer: got no O');
  });
});
