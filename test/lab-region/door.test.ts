import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { type InstantClock, instantClock } from '../fakes/instant-clock.ts';
import { podsIn } from '../fakes/pods.ts';
import { ask, caPem, keptConnection, type Site, site } from './site.ts';

const near = '127.111.0.10';
const far = '127.111.0.11';
const roundTripOf = (source: string): number => (source === far ? 55 : 15);

let open: Site | undefined;
afterEach(() => open?.close());

async function doors(clock: InstantClock = instantClock()): Promise<Site> {
  open = await site(111, clock);
  return open;
}

describe('how far away a client is', () => {
  test('a fresh request waits for three round trips: connect, TLS and answer', async () => {
    const clock = instantClock();
    const { url } = await (await doors(clock)).region('us-east-1', { roundTripOf });
    for (const [sourceAddress, roundTripMs] of [
      [near, 15],
      [far, 55],
    ] as const) {
      const startMs = clock.nowMs();
      expect((await ask(url, { sourceAddress })).status).toBe(200);
      expect(clock.nowMs() - startMs).toBe(3 * roundTripMs);
    }
  });

  test('one on a kept connection waits for one', async () => {
    const clock = instantClock();
    const { url } = await (await doors(clock)).region('us-east-1', { roundTripOf });
    const agent = keptConnection({ localAddress: far });
    await ask(url, { agent });
    const startMs = clock.nowMs();
    await ask(url, { agent });
    expect(clock.nowMs() - startMs).toBe(55);
    agent.destroy();
  });

  test('the time that the service takes comes on top', async () => {
    const clock = instantClock();
    const plan = { jurisdiction: 'US', workloads: {}, serving: 'a', place: 'p', roundTripMs: {}, serviceMs: 1_000 };
    const { url } = await (await doors(clock)).region('us-east-1', { roundTripOf, plan });
    const startMs = clock.nowMs();
    await ask(url, { sourceAddress: near });
    expect(clock.nowMs() - startMs).toBeGreaterThan(3 * 15 + 100);
  });

  test('a planted round trip is added for everybody', async () => {
    const clock = instantClock();
    const plants = [{ kind: 'round-trip', region: 'us-east-1', addMs: 100 } as const];
    const { url } = await (await doors(clock)).region('us-east-1', { roundTripOf, plants });
    const startMs = clock.nowMs();
    await ask(url, { sourceAddress: near });
    expect(clock.nowMs() - startMs).toBe(3 * 115);
  });

  test('the platform is as far away as the service', async () => {
    const clock = instantClock();
    const { url } = await (await doors(clock)).region('us-east-1', { roundTripOf });
    const startMs = clock.nowMs();
    await ask(`${url}/metrics`, { sourceAddress: far });
    expect(clock.nowMs() - startMs).toBe(3 * 55);
  });
});

describe('what a client shakes hands with', () => {
  async function shake(port: number, session?: Buffer): Promise<TLSSocket> {
    const socket = connect({
      host: '127.111.0.1',
      port,
      ca: caPem,
      servername: 'api.agent.test',
      ALPNProtocols: ['h2', 'http/1.1'],
      ...(session === undefined ? {} : { session }),
    });
    await once(socket, 'secureConnect');
    return socket;
  }

  test('TLS 1.3, HTTP/1.1 and an ECDSA certificate that the authority vouches for', async () => {
    const place = await doors();
    await place.region('us-east-1');
    const socket = await shake(place.port);
    expect(socket.authorized).toBe(true);
    expect(socket.getProtocol()).toBe('TLSv1.3');
    expect(socket.alpnProtocol).toBe('http/1.1');
    expect(socket.getPeerCertificate()).toMatchObject({ asn1Curve: 'prime256v1' });
    socket.destroy();
  });

  test('a session is never resumed: every connection pays the whole handshake', async () => {
    const place = await doors();
    await place.region('us-east-1');
    const sessions: Buffer[] = [];
    const first = await shake(place.port);
    first.on('session', (session) => sessions.push(session));
    first.write('GET / HTTP/1.1\r\nhost: api.agent.test\r\n\r\n');
    await once(first, 'data');
    first.destroy();
    const second = await shake(place.port, sessions[0]);
    expect(second.isSessionReused()).toBe(false);
    second.destroy();
  });

  test('something that is not TLS is turned away, and others are served', async () => {
    const place = await doors();
    const { url } = await place.region('us-east-1');
    const plain = request({ host: '127.111.0.1', port: place.port, agent: false }).end();
    await once(plain, 'error');
    expect((await ask(url)).status).toBe(200);
  });
});

describe('who answers', () => {
  test('requests are shared over the ready pods, and over those alone', async () => {
    const { url, pods } = await (await doors()).region('us-east-1');
    const [first, second] = podsIn('ready', 2);
    const starting = podsIn('starting', 3)[2];
    if (first === undefined || second === undefined || starting === undefined) throw new Error('no pods');
    pods.set([first, second, starting]);
    const served = [];
    for (let index = 0; index < 4; index += 1) served.push((await ask(url)).headers['x-pod']);
    expect(served.toSorted()).toEqual(['pod-0', 'pod-0', 'pod-1', 'pod-1']);
  });

  test('the door remembers what each connection saw', async () => {
    const region = await (await doors()).region('us-east-1');
    const agent = keptConnection({ localAddress: near });
    await ask(`${region.url}/health`, { agent });
    await ask(`${region.url}/metrics`, { agent });
    await ask(region.url, { sourceAddress: far });
    const seen = region.connections();
    const kept = seen.find(({ source }) => source === near);
    expect(kept).toMatchObject({ closedAtMs: null });
    expect(kept?.answers).toMatchObject([
      { path: '/health', status: 200, byPod: true },
      { path: '/metrics', status: 200, byPod: false },
    ]);
    expect(seen.filter(({ source }) => source === far)).toHaveLength(1);
    agent.destroy();
  });

  test('whoever listens hears of every answer', async () => {
    const heard: object[] = [];
    const { url } = await (await doors()).region('eu-west-1', { onAnswer: (answer) => heard.push(answer) });
    await ask(`${url}/v1/ping?again=1`, { sourceAddress: near, headers: { host: 'standby.agent.test:443' } });
    expect(heard).toMatchObject([
      { region: 'eu-west-1', source: near, entry: 'standby', path: '/v1/ping', status: 200, byPod: true },
    ]);
  });
});

test('a door on a port that is taken says so, and holds nothing', async () => {
  const place = await doors();
  await place.region('us-east-1');
  await expect(place.region('us-east-1')).rejects.toThrow(
    /^the door of us-east-1: got 127\.111\.0\.1:\d+ \(listen EADDRINUSE/,
  );
});
