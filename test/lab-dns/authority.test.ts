import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../contract/random.ts';
import { type NameServers, nameServers } from '../../lab/dns/authority.ts';
import { geography } from '../../lab/dns/geography.ts';
import type { Transition } from '../../lab/truth.ts';
import type { Zone } from '../../zone/records.ts';
import { fakeClock } from '../fakes/clock.ts';
import { agentZone, values } from '../zone/records.ts';
import { ask, askTcp, controlPlane, overTcp, overUdp, places, queryFor, regionOf } from './ask.ts';

const addresses = ['127.0.0.53', '127.0.0.54', '127.0.0.55', '127.0.0.56'];
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(zone: Zone = agentZone) {
  const clock = fakeClock();
  const truth: Transition[] = [];
  const plane = controlPlane(zone);
  const servers: NameServers = await nameServers(
    {
      addresses,
      port: 0,
      store: plane.store,
      health: plane.health,
      locate: geography(places, { '127.0': 'london' }),
      regionOf,
      watchNames: ['api.agent.test', 'standby.agent.test', 'global.agent.test'],
      places,
    },
    { clock, random: seededRandom(7), truth: (transition) => truth.push(transition) },
  );
  closing.push(servers.close);
  return { clock, truth, plane, port: servers.port };
}

describe('answers', () => {
  test('all four servers answer the same on one port, over UDP and TCP', async () => {
    const { port } = await start();
    for (const address of addresses) {
      for (const way of [ask, askTcp]) {
        const got = await way(address, port, 'eu.agent.test');
        expect(got).toMatchObject({ rcode: 0, addresses: ['127.2.0.1'], ttl: 60 });
        expect(got.packet.flag_aa).toBe(true);
      }
    }
  });

  test('the client subnet decides, and the answer says for how large a network it holds', async () => {
    const { port } = await start();
    const from = (subnet: string) => ask('127.0.0.53', port, 'api.agent.test', { subnet });
    expect(await from('198.51.100.0/24')).toMatchObject({ addresses: ['127.1.0.1'], subnet: [24, 24] });
    expect(await from('203.0.113.7/32')).toMatchObject({ addresses: ['127.2.0.1'], subnet: [32, 24] });
    expect(await from('192.0.0.0/16')).toMatchObject({ subnet: [16, 16] });
    expect(await ask('127.0.0.53', port, 'eu.agent.test', { subnet: '198.51.100.0/24' })).toMatchObject({
      subnet: [24, 0],
    });
  });

  test('without a client subnet, or with one of length 0, the place of the asker decides', async () => {
    const { port } = await start();
    expect((await ask('127.0.0.53', port, 'api.agent.test')).addresses).toEqual(['127.2.0.1']);
    const got = await ask('127.0.0.53', port, 'api.agent.test', { subnet: '0.0.0.0/0' });
    expect(got).toMatchObject({ addresses: ['127.2.0.1'], subnet: [0, 0] });
  });

  test('a server names itself to those who ask', async () => {
    const { port } = await start();
    expect((await ask('127.0.0.55', port, 'eu.agent.test', { nsid: true })).nsid).toBe('127.0.0.55');
    expect((await ask('127.0.0.55', port, 'eu.agent.test', { edns: true })).nsid).toBeUndefined();
  });

  test('a name that is not there, one without that type, and one of others are told apart', async () => {
    const { port } = await start();
    const nxdomain = await ask('127.0.0.53', port, 'nope.agent.test');
    expect(nxdomain.rcode).toBe(3);
    expect(nxdomain.packet.authorities?.[0]).toMatchObject({ type: 'SOA', name: 'agent.test' });
    expect(await ask('127.0.0.53', port, 'eu.agent.test', { type: 'AAAA' })).toMatchObject({ rcode: 0, addresses: [] });
    expect(await ask('127.0.0.53', port, 'eu.agent.test', { type: 'UNKNOWN_65' })).toMatchObject({ rcode: 0 });
    expect((await ask('127.0.0.53', port, 'example.org')).rcode).toBe(5);
  });

  test('an answer too long for UDP comes truncated, and whole over TCP', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `10.0.0.${index}`);
    const { port } = await start({ ...agentZone, records: [...agentZone.records, values('many', ...many)] });
    const short = await ask('127.0.0.53', port, 'many.agent.test');
    expect(short.packet.flag_tc).toBe(true);
    expect(short.addresses).toEqual([]);
    expect((await askTcp('127.0.0.53', port, 'many.agent.test')).addresses).toEqual(many);
  });

  test('several questions on one connection are answered in their order', async () => {
    const { port } = await start();
    const framed = ['eu', 'nope', 'us'].map((name) => {
      const packet = queryFor(`${name}.agent.test`);
      return Buffer.concat([Buffer.from([packet.length >> 8, packet.length & 0xff]), packet]);
    });
    const socket = connect(port, '127.0.0.53');
    socket.write(Buffer.concat(framed));
    let held = Buffer.alloc(0);
    const codes: number[] = [];
    for await (const chunk of socket) {
      held = Buffer.concat([held, chunk]);
      while (held.length > 2 && held.length >= 2 + held.readUInt16BE(0)) {
        codes.push(held.readUInt16BE(4) & 0xf);
        held = held.subarray(2 + held.readUInt16BE(0));
      }
      if (codes.length === framed.length) break;
    }
    expect(codes).toEqual([0, 3, 0]);
  });
});

describe('hostile packets', () => {
  const withOption = (data: Buffer): Buffer => {
    const packet = queryFor('eu.agent.test');
    const opt = Buffer.concat([
      Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, data.length + 4, 0, 8, 0, data.length]),
      data,
    ]);
    packet.writeUInt16BE(1, 10);
    return Buffer.concat([packet, opt]);
  };

  test.each([
    ['a source prefix over 32', [0, 1, 33, 0, 1, 2, 3, 4, 5]],
    ['a scope in a question', [0, 1, 24, 24, 198, 51, 100]],
    ['bits beyond the prefix', [0, 1, 20, 0, 198, 51, 255]],
    ['an address of another length than the prefix', [0, 1, 24, 0, 198, 51]],
    ['an unknown family with an address', [0, 9, 24, 0, 198, 51, 100]],
    ['an option that is too short', [0, 1]],
  ])('a client subnet with %s is FORMERR', async (_what, bytes) => {
    const { port } = await start();
    const reply = await overUdp('127.0.0.53', port, withOption(Buffer.from(bytes)));
    expect(reply.readUInt16BE(2) & 0xf).toBe(1);
  });

  test('another EDNS version is BADVERS, another operation NOTIMP, two questions FORMERR', async () => {
    const { port } = await start();
    const version = queryFor('eu.agent.test', { edns: true });
    version.writeUInt8(1, queryFor('eu.agent.test').length + 6);
    const reply = await overUdp('127.0.0.53', port, version);
    expect(reply.readUInt8(12 + 5)).toBe(1);
    const update = queryFor('eu.agent.test');
    update.writeUInt16BE(5 << 11, 2);
    expect((await overUdp('127.0.0.53', port, update)).readUInt16BE(2) & 0xf).toBe(4);
    const two = queryFor('eu.agent.test');
    two.writeUInt16BE(2, 4);
    expect((await overUdp('127.0.0.53', port, two)).readUInt16BE(2) & 0xf).toBe(1);
  });

  test('nothing that comes in ends the servers', async () => {
    const { port } = await start();
    const whole = withOption(Buffer.from([0, 1, 24, 0, 198, 51, 100]));
    const mangled = fc.oneof(
      fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 9 })
        .map((edits) => {
          const packet = Buffer.from(whole);
          for (const [at, byte] of edits) packet.writeUInt8(byte, at);
          return packet;
        }),
      fc.nat({ max: whole.length }).map((length) => whole.subarray(0, length)),
    );
    const socket = createSocket('udp4');
    for (const [index, packet] of fc.sample(mangled, { numRuns: 500, seed: 1 }).entries()) {
      await new Promise((resolve) => socket.send(packet, port, '127.0.0.53', resolve));
      // Whatever is answered or not: honest questions in between are answered.
      if (index % 20 === 19) {
        expect((await ask('127.0.0.53', port, 'eu.agent.test')).addresses).toEqual(['127.2.0.1']);
      }
    }
    socket.close();
    await expect(
      overTcp('127.0.0.53', port, Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])),
    ).resolves.toBeDefined();
  });
});

describe('changes', () => {
  test('a health flip reaches each server on its own, within 40 ms, and the truth says when', async () => {
    const { clock, truth, plane, port } = await start();
    plane.set('127.1.0.1', false);
    expect((await ask('127.0.0.53', port, 'standby.agent.test')).addresses).toEqual(['127.1.0.1']);
    await clock.advance(20);
    const some = truth.filter(({ name }) => name === 'standby.agent.test').length;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(4);
    await clock.advance(20);
    expect((await ask('127.0.0.53', port, 'standby.agent.test')).addresses).toEqual(['127.2.0.1']);
    const standby = truth.filter(({ name }) => name === 'standby.agent.test');
    expect(standby.map(({ where }) => where).sort()).toEqual(addresses);
    expect(standby[0]).toMatchObject({ what: 'answer', region: 'eu-west-1', from: 'us-east-1', to: 'eu-west-1' });
  });

  test('the truth lists the regions of a weighted name, and the place where places differ', async () => {
    const { clock, truth, plane } = await start();
    plane.set('127.1.0.1', false);
    await clock.advance(40);
    expect(truth.find(({ name }) => name === 'global.agent.test')).toMatchObject({
      from: ['ap-southeast-1', 'eu-west-1', 'us-east-1'],
      to: ['ap-southeast-1', 'eu-west-1'],
    });
    const api = truth.filter(({ name, where }) => name === 'api.agent.test' && where === '127.0.0.53');
    expect(api).toMatchObject([{ place: 'new-york', from: 'us-east-1', to: 'eu-west-1' }]);
  });

  test('a flip that is taken back leaves every server as it was', async () => {
    const { clock, plane, port } = await start();
    plane.set('127.1.0.1', false);
    await clock.advance(1);
    plane.set('127.1.0.1', true);
    await clock.advance(100);
    for (const address of addresses) {
      expect((await ask(address, port, 'standby.agent.test')).addresses).toEqual(['127.1.0.1']);
    }
  });

  test('a record change is visible everywhere when it is said to be, not at once', async () => {
    const { clock, plane, port } = await start();
    const next = { ...agentZone, records: [...agentZone.records, values('new', '127.3.0.1')] };
    let insync = false;
    const published = plane.publish(next, 300).then(() => {
      insync = true;
    });
    expect((await ask('127.0.0.53', port, 'new.agent.test')).rcode).toBe(3);
    await clock.advance(300);
    await published;
    expect(insync).toBe(true);
    for (const address of addresses) expect((await ask(address, port, 'new.agent.test')).rcode).toBe(0);
  });
});
