/** What a server may do to a dialogue: whatever it is, the attempt ends, within its bounds, with nothing left open. */
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Check } from '../../../contract/check.ts';
import type { Observation } from '../../../contract/result.ts';
import type { StartTlsProtocol } from '../../../contract/tcp.ts';
import { attempt } from '../../../probes/attempt.ts';
import { converse, type DialogueStep } from '../../../probes/tcp/dialogue.ts';
import { maxLines, maxTotalBytes } from '../../../probes/tcp/reader.ts';
import { addsUp } from '../../conformance/probers.ts';
import { contextWith, mailCertificate, termsFor } from '../../fakes/dialogue.ts';
import { passingClock, probing, tcpCheck, tlsCheck } from '../../fakes/probing.ts';
import { startTlsServer } from '../../fakes/starttls-server.ts';
import { type TcpTarget, tcpTarget } from '../../fakes/tcp-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function target(serve: (socket: Socket) => void): Promise<TcpTarget> {
  const server = await tcpTarget(serve);
  ends.push(server.close);
  return server;
}

/** Writes the same for as long as somebody reads. */
function forever(chunk: string | Buffer): (socket: Socket) => void {
  return (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
  };
}

async function ended(check: Check, server: TcpTarget): Promise<Observation> {
  const observation = await attempt(check, probing(passingClock()), undefined);
  addsUp(observation);
  await server.quiet();
  return observation;
}

describe('a server that never stops', () => {
  const wanted = [{ expect: '^220 ' }];
  test.each([
    ['a line without an end', forever('x'.repeat(1_000)), /got a line of more than 65536 bytes/],
    ['short lines', forever('x\n'.repeat(500)), new RegExp(`got more than ${maxLines} lines`)],
    ['empty lines', forever('\n'.repeat(1_000)), new RegExp(`got more than ${maxLines} lines`)],
    ['long lines', forever(`${'x'.repeat(999)}\n`), new RegExp(`got more than ${maxTotalBytes} bytes`)],
    ['lines of bytes that are no text', forever(Buffer.alloc(1_000, 0xff).fill(0x0a, 999)), /got more than/],
  ])('is left: %s', async (_, serve, reason) => {
    const server = await target(serve);
    const observation = await ended(tcpCheck(server.at, { dialogue: wanted }), server);
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'answer' });
    expect(observation.reason).toMatch(reason);
  });

  test('is left with an answer that says it is longer than anything', async () => {
    const server = await target((socket) => {
      socket.write(Buffer.from('30847fffffff', 'hex'));
      forever(Buffer.alloc(1_000))(socket);
    });
    const observation = await ended(tlsCheck(server.at, { startTls: 'ldap' }), server);
    expect(observation.reason).toMatch(/got an endless LDAP message/);
  });

  test('and never begins says nothing either: the attempt ends with its time', async () => {
    const server = await target(() => undefined);
    const clock = passingClock();
    const check = tcpCheck(server.at, { dialogue: [{ send: 'hello' }, { expect: '^220 ' }] });
    const reached = server.heard();
    const seen = attempt(check, probing(clock), undefined);
    await reached;
    await clock.advance(check.timeoutMs);
    expect((await seen).reason).toBe('answer: got no line, want a line with /^220 / within 3000 ms');
    await server.quiet();
  });
});

test('the longest line is as long as that of blackbox_exporter, its end included', async () => {
  for (const [length, outcome] of [
    [65_535, 'good'],
    [65_536, 'bad'],
  ] as const) {
    const server = await target((socket) => socket.write(`220 ${'x'.repeat(length - 4)}\n`));
    const observation = await ended(tcpCheck(server.at, { dialogue: [{ expect: '^220 x+$' }] }), server);
    expect(observation.outcome).toBe(outcome);
  }
});

/** The lines of a text, as Go's scanner gives them. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return [...lines, ...(last === '' ? [] : [last])].map((line) => line.replace(/\r$/, ''));
}

test('however what is said is cut into pieces, the dialogue is the same', async () => {
  const words = fc.array(fc.constantFrom('a', 'b', '\n', '\r\n', '\r', 'ab\n', 'é'), { maxLength: 12 });
  const patterns = fc.array(fc.constantFrom('^a', 'b$', '^$', '^ab$', '.', '\r'), { minLength: 1, maxLength: 4 });
  const property = fc.asyncProperty(
    words,
    patterns,
    fc.infiniteStream(fc.nat({ max: 5 })),
    async (said, wants, cuts) => {
      const bytes = Buffer.from(said.join(''));
      const server = await tcpTarget((socket) => {
        let at = 0;
        const next = (): void => {
          if (at >= bytes.length) return void socket.end();
          const piece = bytes.subarray(at, at + 1 + (cuts.next().value ?? 0));
          at += piece.length;
          socket.write(piece, next);
        };
        next();
      });
      const steps: DialogueStep[] = wants.map((pattern) => ({
        expect: pattern,
        labels: [{ name: 'line', value: '$0' }],
      }));
      const seen = await converse(termsFor(server.at, { steps }), contextWith());
      await server.close();
      const lines = linesOf(bytes.toString());
      const found = wants.flatMap((pattern) => {
        while (lines.length > 0) if (new RegExp(pattern, 'u').test(lines.shift() ?? '')) return [pattern];
        return [];
      });
      expect(seen.ok).toBe(found.length === wants.length);
      expect(seen.expectInfo).toHaveLength(found.length);
      expect(seen.failedDueToRegex).toBe(!seen.ok);
    },
  );
  await fc.assert(property, { numRuns: 150, seed: 8 });
});

test('what is no TLS is the failure of the handshake, whatever it is', async () => {
  const record = fc
    .tuple(fc.constantFrom(0x14, 0x15, 0x16, 0x17, 0x80, 0x00), fc.uint8Array({ maxLength: 300 }))
    .map(([type, rest]) => Buffer.from([type, 0x03, 0x03, rest.length >> 8, rest.length & 0xff, ...rest]));
  const garbage = fc.oneof(record, fc.array(record, { maxLength: 4 }).map(Buffer.concat), fc.uint8Array());
  const property = fc.asyncProperty(garbage, async (bytes) => {
    const server = await tcpTarget((socket) => socket.end(bytes));
    const observation = await ended(tlsCheck(server.at), server);
    await server.close();
    expect(observation).toMatchObject({ outcome: 'bad', failedAt: 'tls' });
    expect(observation.reason).not.toBe('');
  });
  await fc.assert(property, { numRuns: 150, seed: 8 });
});

/** Passes on what `behind` says, and ends after so many bytes of it. */
function cutAfter(count: number, behind: TcpTarget, cut: (socket: Socket) => void): Promise<TcpTarget> {
  return tcpTarget((socket) => {
    const inner = connect(behind.at).on('error', () => undefined);
    let passed = 0;
    socket.on('data', (chunk) => inner.write(chunk)).on('close', () => inner.destroy());
    if (count === 0) cut(socket);
    inner.on('data', (chunk: Buffer) => {
      if (passed >= count) return;
      const piece = chunk.subarray(0, count - passed);
      passed += piece.length;
      socket.write(piece, () => passed >= count && cut(socket));
    });
  });
}

test.each<[StartTlsProtocol]>([['smtp'], ['postgres'], ['ldap']])(
  'a connection that is cut at any byte, by an end or a reset, ends the attempt there: %s',
  async (startTls) => {
    const { authority, cert, key } = await mailCertificate();
    const behind = await startTlsServer(startTls, { cert, key });
    ends.push(behind.close);
    const tls = { ca: authority.caPem, serverName: 'mail.test' };
    const seen = new Map<string, number>();
    const cuts = [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()];
    // Every byte of what is said in the clear, and some of the handshake.
    const places = Array.from({ length: 90 }, (_, index) => (index < 60 ? index : 60 + (index - 60) * 47));
    for (const count of places) {
      for (const cut of cuts) {
        const server = await cutAfter(count, behind, cut);
        const check = tcpCheck(server.at, { startTls, tls, dialogue: [{ send: 'NOOP' }, { expect: '^heard NOOP' }] });
        const { outcome, failedAt = 'nowhere' } = await ended(check, server);
        await server.close();
        expect(outcome).toBe(failedAt === 'nowhere' ? 'good' : 'bad');
        seen.set(failedAt, (seen.get(failedAt) ?? 0) + 1);
      }
    }
    await behind.quiet();
    expect([...seen.keys()].toSorted()).toEqual(expect.arrayContaining(['answer', 'tls']));
    expect([...seen.keys()].filter((where) => !['answer', 'tls', 'connect', 'nowhere'].includes(where))).toEqual([]);
  },
);
