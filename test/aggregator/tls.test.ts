/** What the aggregator asks of whoever comes over TLS, by real sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningAggregator } from '../../aggregator/aggregator.ts';
import { listen } from '../../aggregator/listen.ts';
import type { ServerPem } from '../../aggregator/tls.ts';
import { silent } from '../../contract/log.ts';
import { encode, parseFromAggregator } from '../../contract/wire.ts';
import type { ClientPem } from '../../probes/uplink.ts';
import { fakeClock } from '../fakes/clock.ts';
import { type Authority, newAuthority } from '../fakes/pki.ts';
import { atEnd, clock, startLogging, token } from './harness.ts';

const fleetUrl = '/api/v1/fleet';
/** Loopback all the same, but not to whoever decides by the address: reading needs something there. */
const beyond = { host: '::ffff:127.0.0.1', port: 0 };

let servers: Authority;
let clients: Authority;
let strangers: Authority;
let own: ClientPem;
const dir = mkdtempSync(join(tmpdir(), 'blackstart-aggregator-'));
let running: RunningAggregator;
let said: readonly string[];
let port: number;
const agents: Record<'good' | 'common' | 'expired' | 'strange' | 'server', ClientPem> = {} as never;
beforeAll(async () => {
  const wallMs = clock.wallMs();
  [servers, clients, strangers] = await Promise.all(
    ['servers', 'clients', 'strangers'].map((name) => newAuthority(name, wallMs)) as [
      Promise<Authority>,
      Promise<Authority>,
      Promise<Authority>,
    ],
  );
  own = await servers.issue({ commonName: 'aggregator', addresses: ['127.0.0.1'], usage: 'server' });
  agents.good = await clients.issue({ commonName: 'somebody', dns: ['a1', 'us-east-1'] });
  agents.common = await clients.issue({ commonName: 'here' });
  agents.expired = await clients.issue({ commonName: 'a1', dns: ['a1', 'us-east-1'], forMs: -60_000 });
  agents.strange = await strangers.issue({ commonName: 'a1', dns: ['a1', 'us-east-1'] });
  agents.server = await clients.issue({ commonName: 'a1', dns: ['a1', 'us-east-1'], usage: 'server' });
  const read = (): ServerPem => ({ ...own, clientCa: clients.caPem });
  ({ running, said } = await startLogging({ stateDir: dir, listen: beyond, readToken: 'reader', tls: { read } }));
  port = Number(new URL(running.url).port);
});
afterAll(async () => {
  await running?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** As the aggregator answers an agent of this name: `welcome`, or why not. */
function greeted(pem: ClientPem | undefined, agent = 'a1', vantage = 'us-east-1', bearer?: string) {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const socket = new WebSocket(`wss://127.0.0.1:${port}/agent`, { ca: servers.caPem, headers, ...pem });
  atEnd(() => socket.terminate());
  return new Promise<string>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      socket.send(encode({ type: 'hello', agent, vantage, region: 'r', boot: 'b', version: '1' }));
    });
    socket.on('message', (data) => {
      const parsed = parseFromAggregator(data.toString());
      resolve(parsed.ok ? parsed.frame.type : parsed.reason);
    });
    socket.on('close', (code, reason) => resolve(`${code} ${reason.toString()}`));
  });
}

/** Status, and the message of an error. */
function asked({
  pem,
  bearer,
  method = 'GET',
  path = fleetUrl,
}: {
  pem?: ClientPem;
  bearer?: string;
  method?: string;
  path?: string;
}) {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  return new Promise<readonly [status: number, text: string]>((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method,
      headers,
      ca: servers.caPem,
      agent: false as const,
      ...pem,
    };
    const asking = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
    });
    asking.on('error', reject);
    asking.end();
  });
}

describe('an agent over TLS', () => {
  test('needs no token with a certificate that names it', async () => {
    expect(await greeted(agents.good)).toBe('welcome');
    expect(await greeted(agents.common, 'here', 'here')).toBe('welcome');
    expect(await greeted(undefined, 'a2', 'elsewhere', token)).toBe('welcome');
  });

  test('is refused with the name of another, and with the vantage of another', async () => {
    const names = 'certificate of a1, us-east-1, want one that names';
    expect(await greeted(agents.good, 'a2')).toBe(`4401 ${names} a2`);
    expect(await greeted(agents.good, 'a1', 'eu-west-1')).toBe(`4401 ${names} eu-west-1`);
    // The common name is nothing where there are DNS names.
    expect(await greeted(agents.good, 'somebody', 'somebody')).toBe(`4401 ${names} somebody`);
    await greeted(agents.good, 'a2');
    expect(said.filter((text) => text.startsWith('an agent was refused'))).toHaveLength(3);
  });

  test.each([
    ['expired', 'it has expired'],
    ['strange', 'its authority is not ours'],
    ['server', 'it is not for clients'],
  ] as const)('is refused with a certificate that is %s, and the log says so once', async (which, why) => {
    expect(await greeted(agents[which])).toBe(`4401 client certificate refused: ${why}`);
    expect(await greeted(agents[which])).toContain('4401');
    expect(await asked({ pem: agents[which] })).toEqual([403, expect.stringContaining(why)]);
    const line = `a client certificate was refused: ${why}`;
    expect(said.filter((one) => one === line)).toHaveLength(1);
  });

  test('without anything is refused', async () => {
    expect(await greeted(undefined)).toMatch(/^4401 want Authorization/);
  });
});

describe('over TLS', () => {
  test('whoever has a certificate of the authority, or a token, may read; only a token may write', async () => {
    const status = async (wish: Parameters<typeof asked>[0]) => (await asked(wish))[0];
    expect(await status({})).toBe(401);
    expect(await status({ pem: agents.good })).toBe(200);
    expect(await status({ bearer: 'reader' })).toBe(200);
    expect(await status({ bearer: token })).toBe(200);
    expect(await status({ bearer: 'reader', pem: agents.expired })).toBe(200);
    expect(await status({ pem: agents.good, method: 'POST', path: '/api/v1/drills' })).toBe(401);
    expect(await status({ path: '/-/healthy' })).toBe(200);
  });

  test('the stream needs as much as any other reading', async () => {
    const opened = (headers: Record<string, string>, pem?: ClientPem) => {
      const url = `wss://127.0.0.1:${port}/api/v1/stream`;
      const socket = new WebSocket(url, { ca: servers.caPem, headers, ...pem });
      atEnd(() => socket.terminate());
      return new Promise<string>((resolve) => {
        socket.on('open', () => resolve('open'));
        socket.on('error', (error) => resolve(error.message));
      });
    };
    expect(await opened({})).toContain('401');
    expect(await opened({ authorization: 'Bearer reader' })).toBe('open');
    expect(await opened({}, agents.good)).toBe('open');
  });
});

test('renewed certificates are taken without a restart; those that cannot be used are not', async () => {
  const time = fakeClock();
  const next = await servers.issue({ commonName: 'renewed', addresses: ['127.0.0.1'], usage: 'server' });
  let pem: ServerPem = { ...own, clientCa: clients.caPem };
  const read = (): ServerPem => {
    if (pem.cert === '') throw new Error('half a file');
    return pem;
  };
  const app = new Hono().get('/', (context) => context.text('here'));
  const at = { host: '127.0.0.1', port: 0 };
  const http = await listen(at, app, (_request, socket) => socket.destroy(), {
    clock: time,
    log: silent,
    refuse: () => undefined,
    complain: () => undefined,
    tls: { read },
  });
  atEnd(() => http.close());
  const { port: listening } = new URL(http.url);
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const socket: TLSSocket = connectTls({ host: '127.0.0.1', port: Number(listening), ca: servers.caPem }, () => {
        resolve([socket.getPeerCertificate().subject.CN].flat().join());
        socket.destroy();
      });
      socket.on('error', reject);
    });
  expect(await shown()).toBe('aggregator');
  pem = { ...pem, cert: '' };
  await time.advance(5_000);
  expect(await shown()).toBe('aggregator');
  pem = { ...next, clientCa: clients.caPem };
  await time.advance(5_000);
  expect(await shown()).toBe('renewed');
});
