import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { type Ground, ground, type Served, travelled } from '../../fakes/journeys.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

/** Answers each thing said with the next of `answers`, in hexadecimal; behind them the socket leads to `to`. */
async function socks(answers: readonly string[], to: number | null): Promise<Served & { readonly heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket: Socket) => {
    let said = 0;
    socket.on('data', function talk(bytes) {
      heard.push(bytes.toString('hex'));
      const answer = answers[said];
      said += 1;
      if (answer !== undefined) socket.write(Buffer.from(answer, 'hex'));
      if (said < answers.length || to === null) return;
      socket.off('data', talk);
      const onward = connect(to, '127.0.0.1');
      onward.on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
  });
  return { ...(await world.listening(server)), heard };
}

const yes = '05000001000000000000';
const hex = (text: string): string => Buffer.from(text).toString('hex');
const hexPort = (port: number): string => port.toString(16).padStart(4, '0');

describe('through a SOCKS proxy', () => {
  test.each(['http', 'https'] as const)('%s goes to the address looked up here', async (kind) => {
    const at = await world[kind]((request, response) => response.end(`${request.url} for ${request.headers.host}`));
    const proxy = await socks(['0500', yes], at.port);
    const made = await travelled(`${kind}://api.test:${at.port}/a`, await world.context(), {
      proxy: { url: `socks5://127.0.0.1:${proxy.port}`, connectHeaders: {} },
    });
    expect(made.response?.body.toString()).toBe(`/a for api.test:${at.port}`);
    expect(proxy.heard).toEqual(['050100', `050100017f000001${hexPort(at.port)}`]);
  });

  test('a user, a name, an IPv6 literal and a reply with a name are said and read as they should be', async () => {
    const at = await world.http((_request, response) => response.end('ok'));
    const named = await socks(['0502', '0100', `05000003${'04'}${hex('here')}0000`], at.port);
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), {
      proxy: { url: `socks5h://me:pass%40word@127.0.0.1:${named.port}`, connectHeaders: {} },
      resolveThroughProxy: true,
    });
    expect(made.response?.status).toBe(200);
    expect(named.heard).toEqual([
      '05020002',
      `0102${hex('me')}09${hex('pass@word')}`,
      `0501000308${hex('api.test')}${hexPort(at.port)}`,
    ]);
    expect(JSON.stringify(made)).not.toContain('word');
    const six = await socks(['0500', `05000004${'00'.repeat(18)}`], at.port);
    await travelled('http://[2001:db8::7]/', await world.context(), {
      proxy: { url: `socks5://127.0.0.1:${six.port}`, connectHeaders: {} },
    });
    expect(six.heard[1]).toBe('0501000420010db8000000000000000000000007' + '0050');
  });

  test.each([
    ['refuses', ['0500', '05050001000000000000'], 'got connection refused, want a connection'],
    ['refuses in no words', ['0500', '05aa'], 'got refusal 170, want a connection'],
    ['wants what we have not', ['05ff'], 'got method 255, which was not offered'],
    ['wants a user unasked', ['0502'], 'got method 2, which was not offered'],
    ['is of another version', ['0400'], 'got version 4, want 5'],
    ['speaks HTTP', [hex('HTTP/1.1 400 Bad Request\r\n\r\n')], 'got version 72, want 5'],
    ['says too much', ['0500', `${yes}00`], 'got bytes behind its answer, want none'],
    ['knows other addresses', ['0500', '05000009'], 'got an address of no kind that is known'],
  ])('one that %s is named at connect', async (_what, answers, reason) => {
    const proxy = await socks(answers, null);
    const made = await travelled('http://api.test/', await world.context(), {
      proxy: { url: `socks5://127.0.0.1:${proxy.port}`, connectHeaders: {} },
    });
    expect(made.failure).toEqual({ failedAt: 'connect', reason: `proxy: SOCKS: ${reason}` });
  });

  test('one that closes or keeps silent is named too', async () => {
    const closing = await world.listening(createServer((socket) => socket.resume().end()));
    const signal = new AbortController();
    const mute = await world.listening(
      createServer((socket) => socket.once('data', () => signal.abort(new DeadlineExceeded(900)))),
    );
    const over = async (port: number) =>
      travelled('http://api.test/', await world.context({}, { ending: signal.signal }), {
        proxy: { url: `socks5://127.0.0.1:${port}`, connectHeaders: {} },
      });
    expect((await over(closing.port)).failure?.reason).toBe('proxy: SOCKS: got the close before its answer');
    expect((await over(mute.port)).failure).toEqual({
      failedAt: 'connect',
      reason: 'proxy: connection: got nothing, want it within 900 ms',
    });
  });
});
