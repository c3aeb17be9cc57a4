import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Authorization } from '../../../probes/http/journey.ts';
import { type Ground, ground, type Served, travelled } from '../../fakes/journeys.ts';

let world: Ground;
beforeEach(async () => {
  world = await ground();
});
afterEach(() => world.close());

/** Answers everything, and remembers who it was told to be asked by. */
function service(): RequestListener & { readonly told: (string | undefined)[] } {
  const told: (string | undefined)[] = [];
  const listener: RequestListener = (request, response) => {
    told.push(request.headers.authorization);
    response.end();
  };
  return Object.assign(listener, { told });
}

describe('authorization', () => {
  const basic: Authorization = { kind: 'basic', username: 'üser', password: 'p:w' };
  const encoded = `Basic ${Buffer.from('üser:p:w').toString('base64')}`;
  const bearer: Authorization = { kind: 'header', type: 'Bearer', credentials: 'token-1' };

  test.each([
    ['basic', basic, {}, '', encoded],
    ['of any type', bearer, {}, '', 'Bearer token-1'],
    ['of the URL', { kind: 'none' } as const, {}, 'me:pa%40ss@', `Basic ${Buffer.from('me:pa@ss').toString('base64')}`],
    ['of the URL before ours', bearer, {}, 'me:x@', `Basic ${Buffer.from('me:x').toString('base64')}`],
    ['of a header before both', basic, { Authorization: 'Own y' }, 'me:x@', 'Own y'],
    ['none', { kind: 'none' } as const, {}, '', undefined],
  ])('%s', async (_what, authorization, headers, user, want) => {
    const heard = service();
    const at = await world.http(heard);
    const url = `http://${user}api.test:${at.port}/`;
    const made = await travelled(url, await world.context(), { authorization, headers });
    expect(heard.told).toEqual([want]);
    expect(made.hops[0]?.url).toBe(`http://api.test:${at.port}/`);
  });

  test('is not shown, also where the server repeats it', async () => {
    const at = await world.listening(
      createTcpServer((socket) => {
        socket.once('data', (asked) => {
          const [said = ''] = /^Authorization: .*$/m.exec(asked.toString('latin1')) ?? [];
          socket.end(`HTTP/1.1 200 OK\r\nA\0: ${said}\r\n\r\n`);
        });
      }),
    );
    const context = await world.context();
    for (const authorization of [basic, bearer]) {
      const made = await travelled(`http://api.test:${at.port}/`, context, { authorization });
      expect(made.failure?.reason).toMatch(/^header: got .*<secret>/);
      expect(JSON.stringify(made)).not.toMatch(new RegExp(`p:w|token-1|${encoded.slice(6)}`));
    }
  });

  test('that would end a header is our mistake, and is not repeated in words', async () => {
    const heard = service();
    const at = await world.http(heard);
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), {
      authorization: { kind: 'header', type: 'Bearer', credentials: 'secret\r\nX-Evil: 1' },
    });
    expect(made.failure?.failedAt).toBe('agent');
    expect(JSON.stringify(made)).not.toContain('secret');
    expect(heard.told).toEqual([]);
  });
});

type Asked = { readonly authorization: string | undefined; readonly form: Readonly<Record<string, string>> };
type TokenServer = Served & { readonly asked: Asked[] };

describe('OAuth 2 client credentials', () => {
  /** Gives tokens `t-1`, `t-2`, … to whoever `answer` lets have one. */
  async function tokens(
    answer: (asked: Asked, nth: number) => { readonly status: number; readonly text: string; readonly type?: string },
  ): Promise<TokenServer> {
    const asked: Asked[] = [];
    const served = await world.http(async (request, response) => {
      let text = '';
      for await (const piece of request.setEncoding('utf8')) text += piece;
      asked.push({ authorization: request.headers.authorization, form: Object.fromEntries(new URLSearchParams(text)) });
      const given = answer(asked.at(-1) as Asked, asked.length);
      response.writeHead(given.status, { 'content-type': given.type ?? 'application/json' }).end(given.text);
    });
    return { ...served, asked };
  }
  function oauth2(at: Served, more: Partial<Extract<Authorization, { kind: 'oauth2' }>> = {}): Authorization {
    return {
      ...{
        kind: 'oauth2',
        clientId: 'me & you',
        clientSecret: 'top secret',
        tokenUrl: `http://api.test:${at.port}/token`,
      },
      ...{ scopes: ['read', 'write'], parameters: { audience: 'api' }, tls: {}, proxy: null, ...more },
    };
  }
  const granted = (nth: number, more = ''): { status: number; text: string } => ({
    status: 200,
    text: `{"access_token":"t-${nth}","token_type":"bearer"${more}}`,
  });

  test('asks once as header, sends the token, and keeps it until it ends', async () => {
    const heard = service();
    const [at, from] = [await world.http(heard), await tokens((_asked, nth) => granted(nth, ',"expires_in":3600'))];
    const context = await world.context();
    const url = `http://api.test:${at.port}/`;
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await travelled(url, context, { authorization: oauth2(from) })).ok).toBe(true);
    }
    expect(heard.told).toEqual(['Bearer t-1', 'Bearer t-1', 'Bearer t-1']);
    expect(from.asked).toEqual([
      {
        authorization: `Basic ${Buffer.from('me+%26+you:top+secret').toString('base64')}`,
        form: { grant_type: 'client_credentials', scope: 'read write', audience: 'api' },
      },
    ]);
  });

  test('asks again for one that has ended, or that the service did not take', async () => {
    let takes = true;
    const told: (string | undefined)[] = [];
    const at = await world.http((request, response) => {
      told.push(request.headers.authorization);
      response.writeHead(takes ? 200 : 401).end();
    });
    // Ten seconds before its end a token is no longer sent.
    const from = await tokens((_asked, nth) => granted(nth, nth === 1 ? ',"expires_in":"9"' : ''));
    const context = await world.context();
    const url = `http://api.test:${at.port}/`;
    const authorization = oauth2(from);
    await travelled(url, context, { authorization });
    takes = false;
    expect((await travelled(url, context, { authorization })).response?.status).toBe(401);
    takes = true;
    await travelled(url, context, { authorization });
    await travelled(url, context, { authorization });
    expect(told).toEqual(['Bearer t-1', 'Bearer t-2', 'Bearer t-3', 'Bearer t-3']);
  });

  test('says who it is in the form to a server that refuses the header, from then on', async () => {
    const heard = service();
    const at = await world.http(heard);
    const from = await tokens(({ authorization }, nth) =>
      authorization === undefined
        ? granted(nth, ',"expires_in":1')
        : { status: 401, text: '{"error":"invalid_client"}' },
    );
    const context = await world.context();
    const url = `http://api.test:${at.port}/`;
    for (let turn = 0; turn < 2; turn += 1) await travelled(url, context, { authorization: oauth2(from) });
    expect(heard.told).toEqual(['Bearer t-2', 'Bearer t-3']);
    expect(from.asked.map(({ form }) => form['client_secret'])).toEqual([undefined, 'top secret', 'top secret']);
    expect(from.asked[1]?.form).toMatchObject({ client_id: 'me & you', grant_type: 'client_credentials' });
  });

  test('reads a token that comes as a form', async () => {
    const heard = service();
    const at = await world.http(heard);
    const type = 'application/x-www-form-urlencoded; charset=utf-8';
    const from = await tokens(() => ({ status: 200, text: 'access_token=abc&token_type=MAC', type }));
    await travelled(`http://api.test:${at.port}/`, await world.context(), { authorization: oauth2(from) });
    expect(heard.told).toEqual(['MAC abc']);
  });

  test.each([
    ['refuses', 400, '{"error":"invalid_scope"}', /: got 400, error "\\"invalid_scope|error "invalid_scope", want 200/],
    ['says an error with 200', 200, '{"error":"invalid_scope"}', /error "invalid_scope"/],
    ['answers no JSON', 200, '<html>', /no JSON/],
    ['answers JSON that is no object', 200, 'null', /no JSON/],
    ['gives none', 200, '{}', /no access_token/],
  ])('is bad at answer when the server %s, with the place named and no secret', async (_what, status, text, reason) => {
    const heard = service();
    const at = await world.http(heard);
    const from = await tokens(() => ({ status, text }));
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), { authorization: oauth2(from) });
    expect(made.failure?.failedAt).toBe('answer');
    expect(made.failure?.reason).toMatch(reason);
    expect(made.failure?.reason).toContain(`token of http://api.test:${from.port}/token`);
    expect(JSON.stringify(made)).not.toMatch(/top|secret/);
    expect(heard.told).toEqual([]);
    expect([Object.keys(made.phases), made.hops]).toEqual([['firstByte'], []]);
  });

  test('is bad at answer when no server is there, which is asked once', async () => {
    const at = await world.http(service());
    const made = await travelled(`http://api.test:${at.port}/`, await world.context(), {
      authorization: oauth2(at, { tokenUrl: 'http://gone.invalid/token' }),
    });
    expect(made.failure).toMatchObject({ failedAt: 'answer' });
    expect(made.failure?.reason).toMatch(/^token of http:\/\/gone\.invalid\/token: gone\.invalid/);
    expect(at.connections()).toBe(0);
  });
});
