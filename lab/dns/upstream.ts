/** Questions that a resolver puts to name servers. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import dnsPacket, { type Answer as WireAnswer } from 'dns-packet';
import type { HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import { type ClientSubnet, clientSubnetCode, writeClientSubnet } from './client-subnet.ts';
import { optRecord, type Rcode, rcodes } from './message.ts';

export type Asked = {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly subnet: ClientSubnet | null;
};
export type Upstream = {
  readonly rcode: Rcode;
  readonly answers: readonly WireAnswer[];
  readonly authorities: readonly WireAnswer[];
  readonly scopeLength: number;
};

const tryLimitMs = 400;
const flagTruncated = 0x0200;

/** One name server's answer, over TCP where UDP's was cut short; `undefined` without one in time. */
export async function askServer(
  asked: Asked,
  server: HostPort,
  localAddress: string,
  clock: Clock,
): Promise<Upstream | undefined> {
  const packet = dnsPacket.encode({
    type: 'query',
    id: asked.id,
    questions: [{ name: asked.name, type: asked.type as dnsPacket.RecordType, class: 'IN' }],
    additionals: [
      optRecord(asked.subnet === null ? [] : [{ code: clientSubnetCode, data: writeClientSubnet(asked.subnet, 0) }]),
    ],
  });
  const over = async (send: typeof overUdp): Promise<Buffer | undefined> => {
    try {
      return await within(clock, tryLimitMs, undefined, (signal) => send(packet, server, localAddress, signal));
    } catch {
      return undefined;
    }
  };
  const first = await over(overUdp);
  if (first === undefined) return undefined;
  const whole = (first.readUInt16BE(2) & flagTruncated) === 0 ? first : await over(overTcp);
  return whole === undefined ? undefined : readAnswer(whole, asked);
}

function overUdp(packet: Buffer, server: HostPort, localAddress: string, signal: AbortSignal): Promise<Buffer> {
  const socket = createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
  return new Promise<Buffer>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.on('error', reject);
    socket.on('message', (reply) => {
      // An id that is not ours is somebody else's answer, or a forged one: go on waiting.
      if (reply.length >= 12 && reply.readUInt16BE(0) === packet.readUInt16BE(0)) resolve(reply);
    });
    socket.bind(0, localAddress, () => {
      socket.connect(server.port, server.host, (error?: Error) => {
        if (error) reject(error);
        else socket.send(packet);
      });
    });
  }).finally(() => socket.close());
}

function overTcp(packet: Buffer, server: HostPort, localAddress: string, signal: AbortSignal): Promise<Buffer> {
  const socket = connect({ host: server.host, port: server.port, localAddress });
  return new Promise<Buffer>((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed before the answer')));
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(packet.length);
      socket.write(Buffer.concat([length, packet]));
    });
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      const end = held.length < 2 ? Number.POSITIVE_INFINITY : 2 + held.readUInt16BE(0);
      if (held.length >= end && end > 12) resolve(held.subarray(2, end));
    });
  }).finally(() => socket.destroy());
}

function readAnswer(packet: Buffer, asked: Asked): Upstream | undefined {
  try {
    const decoded = dnsPacket.decode(packet);
    const question = decoded.questions?.[0];
    const right = question?.name.toLowerCase() === asked.name.toLowerCase() && question.type === asked.type;
    const code = packet.readUInt16BE(2) & 0xf;
    const rcode = (Object.keys(rcodes) as Rcode[]).find((name) => rcodes[name] === code);
    if (!right || packet.readUInt16BE(0) !== asked.id || rcode === undefined) return undefined;
    const opt = (decoded.additionals ?? []).find(({ type }) => type === 'OPT');
    const options = (opt as { options?: readonly { code: number; data?: Buffer }[] } | undefined)?.options ?? [];
    const scope = options.find((option) => option.code === clientSubnetCode)?.data;
    return {
      rcode,
      answers: decoded.answers ?? [],
      authorities: decoded.authorities ?? [],
      scopeLength: scope !== undefined && scope.length >= 4 ? scope.readUInt8(3) : 0,
    };
  } catch {
    return undefined;
  }
}
