import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Transport, transport } from '../../../../chaos/cloud/kubernetes/transport.ts';
import { type FakeClock, fakeClock } from '../../../fakes/clock.ts';
import { deadPort, tcpTarget } from '../../../fakes/tcp-target.ts';
import { troubleOf } from '../../../fakes/trouble.ts';
import { configFor, json, type Serve, scriptedServer } from './scripted-server.ts';

const open = new AbortController().signal;
const get = { method: 'GET', path: '/a' } as const;
const patch = { method: 'PATCH', path: '/a', body: {} } as const;

type Under = { readonly api: Transport; readonly clock: FakeClock };

async function on(serve: Serve): Promise<Under & Awaited<ReturnType<typeof scriptedServer>>> {
  const server = await scriptedServer(serve);
  return { ...server, ...under(server.config) };
}

function under(config: Parameters<typeof transport>[0]): Under {
  const clock = fakeClock();
  const api = transport(config, clock);
  onTestFinished(() => api.close());
  return { api, clock };
}

describe('an API server that is stopped', () => {
  test.each(['http', 'https'])('accepts the %s connection and answers nothing: given up after 10 s', async (scheme) => {
    const target = await tcpTarget(() => undefined);
    onTestFinished(() => target.close());
    const { api, clock } = under(configFor(`${scheme}://127.0.0.1:${target.at.port}`));
    const trouble = troubleOf(api.send(get, open));
    await target.heard();
    await clock.advance(9_999);
    expect(target.connections()).toBe(1);
    await clock.advance(1);
    expect(await trouble).toMatchObject({
      kind: 'unreachable',
      message: `API server of us-east-1 at 127.0.0.1:${target.at.port} accepted the connection and gave no answer within 10 s`,
    });
    await target.quiet();
    expect(clock.pending).toBe(0);
  });

  test('that stops in the middle of an answer is given up likewise', async () => {
    const { api, clock, heard } = await on((response) => void response.writeHead(200).write('{"a":'));
    const trouble = troubleOf(api.send(get, open));
    await heard();
    await clock.advance(10_000);
    expect((await trouble).message).toContain('accepted the connection and gave no answer within 10 s');
  });

  test('is left by a caller that does not want to wait', async () => {
    const target = await tcpTarget(() => undefined);
    onTestFinished(() => target.close());
    const { api } = under(configFor(`http://127.0.0.1:${target.at.port}`));
    const cut = new AbortController();
    const asked = api.send(get, cut.signal);
    await target.heard();
    cut.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await target.quiet();
  });
});

describe('an API server that is not there', () => {
  test('refuses the connection, and that is said at once', async () => {
    const { port } = deadPort;
    const { api } = under(configFor(`http://127.0.0.1:${port}`));
    expect(await troubleOf(api.send(get, open))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('cannot be reached: connect ECONNREFUSED'),
    });
  });
});

describe('an API server that restarts', () => {
  /** Serves each connection once, and breaks it when it is used again. */
  function forgetful(): Serve {
    const used = new Set<unknown>();
    return (response, { socket }) => {
      if (used.has(socket)) socket.resetAndDestroy();
      else json(response, 200, { ok: true });
      used.add(socket);
    };
  }

  test('is read again over a new connection', async () => {
    const { api, asked, connections } = await on(forgetful());
    await api.send(get, open);
    expect(await api.send(get, open)).toMatchObject({ status: 200, body: { ok: true } });
    expect([asked.length, connections()]).toEqual([3, 2]);
  });

  test('is not written to twice: whether the write arrived is not known', async () => {
    const { api, asked } = await on(forgetful());
    await api.send(get, open);
    expect((await troubleOf(api.send(patch, open))).kind).toBe('unreachable');
    expect(asked).toEqual(['GET /a', 'PATCH /a']);
  });
});

describe('an API server that is too busy', () => {
  const busy = { kind: 'Status', message: 'too many requests', code: 429 };

  test('is asked again, writes too, after the time that it names', async () => {
    let calls = 0;
    const { api, clock, heard, asked } = await on((response) => {
      calls += 1;
      if (calls === 1) json(response, 429, busy, { 'retry-after': '2' });
      else json(response, 200, { ok: true });
    });
    const answer = api.send(patch, open);
    await heard();
    while (clock.pending < 2) await turnOfTheLoop();
    await clock.advance(1_999);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect((await answer).status).toBe(200);
    expect(asked).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test('is not waited for longer than any answer is', async () => {
    const { api, asked } = await on((response) => json(response, 429, busy, { 'retry-after': '30' }));
    expect(await api.send(get, open)).toMatchObject({ status: 429, retryAfterMs: 30_000 });
    expect(asked).toHaveLength(1);
  });

  test('and says so without a time is not asked again', async () => {
    const { api, asked } = await on((response) => json(response, 429, busy));
    expect((await api.send(get, open)).status).toBe(429);
    expect(asked).toHaveLength(1);
  });

  test('is not asked again when it is unavailable: that may last', async () => {
    const { api, asked } = await on((response) => json(response, 503, {}, { 'retry-after': '1' }));
    expect(await api.send(get, open)).toMatchObject({ status: 503, retryAfterMs: 1_000 });
    expect(asked).toHaveLength(1);
  });
});

describe('an answer that goes on', () => {
  async function following(serve: Serve) {
    const at = await on(serve);
    const lines: unknown[] = [];
    return { ...at, lines, end: at.api.follow('/w', 40_000, (line) => lines.push(line), open) };
  }

  test('is read line by line, wherever it is cut into pieces, until the server ends it', async () => {
    const { lines, end } = await following((response) => {
      const bytes = Buffer.from('{"a":"é"}\n{"b":1}\n');
      response.writeHead(200);
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    expect(await end).toBeNull();
    expect(lines).toEqual([{ a: 'é' }, { b: 1 }]);
  });

  test('that is refused is given as it is', async () => {
    const { lines, end } = await following((response) => json(response, 410, { code: 410 }));
    expect(await end).toMatchObject({ status: 410, body: { code: 410 } });
    expect(lines).toEqual([]);
  });

  test('that is cut off is trouble', async () => {
    const { end } = await following((response, { socket }) => {
      response.writeHead(200).write('{"a":1}\n', () => socket.resetAndDestroy());
    });
    expect((await troubleOf(end)).kind).toBe('unreachable');
  });

  test('without a head is given up after 10 s', async () => {
    const { clock, heard, end } = await following(() => undefined);
    const trouble = troubleOf(end);
    await heard();
    await clock.advance(10_000);
    expect((await trouble).message).toContain('gave no answer within 10 s');
    expect(clock.pending).toBe(0);
  });

  test('that the server does not end in time is held by nobody any more', async () => {
    const started = Promise.withResolvers<void>();
    const { clock, end, lines } = await following((response) => {
      response.writeHead(200).write('{"a":1}\n', () => started.resolve());
    });
    const trouble = troubleOf(end);
    await started.promise;
    while (lines.length === 0) await turnOfTheLoop();
    await clock.advance(40_000);
    expect((await trouble).message).toContain('within 40 s');
    expect(clock.pending).toBe(0);
  });
});
