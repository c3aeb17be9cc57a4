import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { closedPort } from '../../../probes/icmp/closed-port.ts';
import { type Echo, type Echoed, echo } from '../../../probes/icmp/echo.ts';
import { pinger, type Way } from '../../../probes/icmp/pinger.ts';
import type { ProbeContext } from '../../../probes/prober.ts';
import { type FakePing, fakePing } from '../../fakes/ping.ts';
import { passingClock, probing } from '../../fakes/probing.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

function pingThat(script: string, trial?: string): FakePing {
  const fake = fakePing(script, trial);
  undo.push(fake.remove);
  return fake;
}

function ask(asked: Partial<Echo>, context: Partial<ProbeContext> = {}): Promise<Echoed> {
  const common = { host: '127.0.0.1', family: 'ip4', resolveWith: 'resolver', payloadBytes: 56, ttl: 64 } as const;
  const ending = new AbortController().signal;
  return echo({ ...common, dontFragment: false, ...asked }, { ...probing(passingClock()), ending, ...context });
}

/** A UDP socket at the port that should be closed, on an address of its own. */
async function listening(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  undo.push(() => socket.close());
  socket.bind({ address, port: closedPort, exclusive: true });
  await once(socket, 'listening');
  return socket;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const here = "echo '72 bytes from 192.0.2.7: icmp_seq=1 ttl=51 time=0.1 ms'";
const noPing = { path: '/nowhere' };

describe('by ping, where it may', () => {
  test('an answer is a round trip as ping measured it, and the rest is the agent’s own', async () => {
    const fake = pingThat(here);
    const echoed = await ask({ host: '192.0.2.7', ttl: 9, payloadBytes: 64 }, { pinger: pinger(fake) });
    expect(echoed).toMatchObject({ ok: true, failure: null, ip: '192.0.2.7', rttMs: 0.1, hopLimit: 51, by: 'icmp' });
    expect(echoed.setupMs).toBeGreaterThan(0);
    expect(echoed.resolveMs + echoed.setupMs + echoed.rttMs).toBe(echoed.durationMs);
    expect(fake.runs().at(-1)).toBe('-n -c 1 -W 2000 -s 64 -t 9 192.0.2.7');
  });

  test('the way is found out once, and told once, however many ask', async () => {
    const fake = pingThat(here);
    const told: Way[] = [];
    const one = pinger({ ...fake, onChosen: (way) => told.push(way) });
    await ask({ host: '192.0.2.7' }, { pinger: one });
    await Promise.all([1, 2, 3].map(() => ask({ host: '192.0.2.7' }, { pinger: one })));
    expect(told).toEqual([{ by: 'icmp', dialect: 'iputils' }]);
    expect(fake.runs().filter((run) => run.endsWith(' 127.0.0.1'))).toHaveLength(1);
    expect(fake.runs()).toHaveLength(5);
  });

  test('a ping that knows fewer arguments is asked with fewer', async () => {
    const refuses = "*' -n '*) echo 'ping: unrecognized option: n' >&2 ; exit 1 ;;";
    const fake = pingThat(here, `${refuses} *' 127.0.0.1') ${here} ; exit 0 ;;`);
    const told: Way[] = [];
    const echoed = await ask({ host: '192.0.2.7' }, { pinger: pinger({ ...fake, onChosen: (way) => told.push(way) }) });
    expect(echoed).toMatchObject({ ok: true, by: 'icmp' });
    expect(told).toEqual([{ by: 'icmp', dialect: 'plain' }]);
    expect(fake.runs().at(-1)).toBe('-c 1 -W 2000 -s 56 -t 64 192.0.2.7');
  });

  test('it comes from the agent’s address, unless the check says another', async () => {
    const fake = pingThat(here);
    const from = pinger({ ...fake, sourceAddress: '127.0.0.5' });
    await ask({ host: '192.0.2.7' }, { pinger: from });
    await ask({ host: '192.0.2.7', sourceAddress: '127.0.0.6' }, { pinger: from });
    expect(
      fake
        .runs()
        .slice(-2)
        .map((run) => /-I (\S+)/.exec(run)?.[1]),
    ).toEqual(['127.0.0.5', '127.0.0.6']);
  });

  for (const [what, script, failedAt, words] of [
    ['no answer', 'exit 1', 'answer', 'echo to 192.0.2.7: got nothing, want an answer'],
    [
      'no way',
      "echo 'From 198.51.100.1 icmp_seq=1 Destination Net Unreachable' ; exit 1",
      'connect',
      'echo to 192.0.2.7: got 198.51.100.1: Destination Net Unreachable, want an answer',
    ],
    [
      'too few hops',
      "echo 'From 198.51.100.1 icmp_seq=1 Time to live exceeded' ; exit 1",
      'answer',
      'echo to 192.0.2.7 within 64 hops: got 198.51.100.1: Time to live exceeded, want an answer',
    ],
    ['rights that are gone', "echo 'ping: socket: no' >&2 ; exit 2", 'agent', 'echo to 192.0.2.7: ping: socket: no'],
  ] as const) {
    test(`${what} stops it at ${failedAt}`, async () => {
      const echoed = await ask({ host: '192.0.2.7' }, { pinger: pinger(pingThat(script)) });
      expect(echoed).toMatchObject({ ok: false, by: 'icmp', hopLimit: null, failure: { failedAt, reason: words } });
    });
  }

  test('at the end of its time the process is ended too', async () => {
    const fake = pingThat(
      `echo $$ > "$0.pid" ; mv "$0.pid" "$0.there" ; exec /bin/sleep 3600`.replace('mv', '/bin/mv'),
    );
    const time = new AbortController();
    const asking = ask({ host: '192.0.2.7' }, { pinger: pinger(fake), ending: time.signal });
    const there = join(fake.path, 'ping.there');
    await until(() => existsSync(there));
    time.abort(new DeadlineExceeded(3_000));
    const echoed = await asking;
    expect(echoed).toMatchObject({ ok: false, failure: { failedAt: 'answer' } });
    expect(echoed.failure?.reason).toContain('3000 ms');
    expect(() => process.kill(Number(readFileSync(there, 'utf8')), 0)).toThrow('ESRCH');
  });

  test('one that writes without end is read to a bound, and ended like the others', async () => {
    const fake = pingThat(`echo > "$0.there" ; while : ; do echo 'PING PING PING PING PING PING PING PING' ; done`);
    const time = new AbortController();
    const asking = ask({ host: '192.0.2.7' }, { pinger: pinger(fake), ending: time.signal });
    await until(() => existsSync(join(fake.path, 'ping.there')));
    time.abort(new DeadlineExceeded(3_000));
    expect((await asking).failure?.failedAt).toBe('answer');
  });

  test('ping gets nothing of the agent’s environment', async () => {
    process.env['BLACKSTART_TEST_SECRET'] = 's3cret';
    undo.push(() => delete process.env['BLACKSTART_TEST_SECRET']);
    const fake = pingThat(`echo "got \${BLACKSTART_TEST_SECRET:-nothing} in \${LC_ALL}" >&2 ; exit 2`);
    const echoed = await ask({ host: '192.0.2.7' }, { pinger: pinger(fake) });
    expect(echoed.failure?.reason).toBe('echo to 192.0.2.7: got nothing in C');
  });
});

describe('by a closed port, where ping may not', () => {
  for (const [what, path, because] of [
    ['is not there', undefined, 'ping: is not installed'],
    [
      'may not',
      "*) echo 'ping: socket: Operation not permitted' >&2 ; exit 2 ;;",
      'ping: socket: Operation not permitted',
    ],
  ] as const) {
    test(`the way is chosen where ping ${what}, with what it said`, async () => {
      const told: Way[] = [];
      const from = path === undefined ? noPing : pingThat('exit 2', path);
      const echoed = await ask({}, { pinger: pinger({ ...from, onChosen: (way) => told.push(way) }) });
      expect(echoed).toMatchObject({ ok: true, by: 'udp', hopLimit: null });
      expect(told).toEqual([{ by: 'udp', because }]);
    });
  }

  for (const host of ['127.0.0.1', '::1']) {
    test(`a round trip to ${host} and back, of which the agent’s own part is apart`, async () => {
      const echoed = await ask({ host }, { pinger: pinger(noPing) });
      expect(echoed).toMatchObject({ ok: true, failure: null, ip: host, by: 'udp', resolveMs: 0 });
      expect(echoed.rttMs).toBeGreaterThan(0);
      expect(echoed.setupMs + echoed.rttMs).toBe(echoed.durationMs);
    });
  }

  test('a port that answers is none to measure by', async () => {
    const socket = await listening('127.77.1.1');
    socket.on('message', (_, from) => socket.send('here', from.port, from.address));
    const echoed = await ask({ host: '127.77.1.1' }, { pinger: pinger(noPing) });
    expect(echoed).toMatchObject({ ok: false, by: 'udp', failure: { failedAt: 'agent' } });
    expect(echoed.failure?.reason).toContain('want a port where nobody listens');
  });

  test('silence lasts until its time is up, from the address and of the length that were asked for', async () => {
    const socket = await listening('127.77.1.2');
    const time = new AbortController();
    const asked = { host: '127.77.1.2', sourceAddress: '127.77.1.9', payloadBytes: 100 };
    const asking = ask(asked, { pinger: pinger(noPing), ending: time.signal });
    const [message, from] = (await once(socket, 'message')) as [Buffer, RemoteInfo];
    expect(message).toHaveLength(100);
    expect(from.address).toBe('127.77.1.9');
    time.abort(new DeadlineExceeded(3_000));
    const echoed = await asking;
    expect(echoed.failure).toMatchObject({ failedAt: 'answer' });
    expect(echoed.failure?.reason).toContain('3000 ms');
  });

  test('nothing is sent where the agent does not go', async () => {
    const socket = await listening('127.77.1.3');
    let heard = 0;
    socket.on('message', () => {
      heard += 1;
    });
    const asked: (readonly [string, number])[] = [];
    const limits = {
      refusal(address: string, port: number) {
        asked.push([address, port]);
        return 'not there';
      },
    };
    const echoed = await ask({ host: '127.77.1.3' }, { pinger: pinger(noPing), limits });
    expect(echoed.failure).toEqual({ failedAt: 'agent', reason: 'not there' });
    const fake = pingThat(here);
    expect((await ask({ host: '192.0.2.7' }, { pinger: pinger(fake), limits })).failure?.reason).toBe('not there');
    expect(asked).toEqual([
      ['127.77.1.3', closedPort],
      ['192.0.2.7', 0],
    ]);
    expect(fake.runs().filter((run) => run.endsWith('192.0.2.7'))).toEqual([]);
    // A datagram behind it would come after one that was sent.
    const sender = createSocket('udp4');
    sender.send('last', closedPort, '127.77.1.3', () => sender.close());
    await once(socket, 'message');
    expect(heard).toBe(1);
  });

  test('what only ping can do is the agent’s own lack', async () => {
    const echoed = await ask({ dontFragment: true }, { pinger: pinger(noPing) });
    expect(echoed.failure).toEqual({
      failedAt: 'agent',
      reason: 'dontFragment: want ICMP, which this agent does not have: ping: is not installed',
    });
  });

  test('an address that is not of this machine is no fault of the target', async () => {
    const echoed = await ask({ sourceAddress: '192.0.2.1' }, { pinger: pinger(noPing) });
    expect(echoed.failure?.failedAt).toBe('agent');
  });
});
