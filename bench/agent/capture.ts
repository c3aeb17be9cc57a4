/**
 * When each target was asked, by the kernel's time stamp of the packet that begins a probe: a connection's first, or a
 * question. What the targets note themselves is late wherever their own process was kept waiting, by milliseconds.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import type { Kind } from './kinds.ts';
import { canPin } from './own.ts';
import type { Arrivals } from './targets.ts';

/** Only root may, and not every machine has it. */
export const canCapture = process.getuid?.() === 0 && spawnSync('tcpdump', ['--version']).status === 0;

/** `end` more than once: the same. */
export type Capture = { end(): Promise<Arrivals> };

/** From when it resolves. On the core of the targets, and woken up a few times a second. */
export async function capture(kind: Kind['name'], port: number): Promise<Capture> {
  const begins = kind === 'dns' ? 'udp' : 'tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn';
  const filter = `${begins} and dst net 127.1.0.0/16 and dst port ${port}`;
  const command = ['tcpdump', '-i', 'lo', '-n', '-s', '64', '-B', '16384', '--time-stamp-precision=nano', '-w', '-'];
  const pin = canPin ? ['taskset', '-c', '1'] : [];
  const [file = '', ...rest] = [...pin, ...command, filter];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const packets = buffer(child.stdout).then(packetsOf);
  packets.catch(() => undefined);
  await listening(child);
  return {
    end() {
      child.kill('SIGINT');
      return packets;
    },
  };
}

async function listening(child: ChildProcess): Promise<void> {
  let said = '';
  for (const ended = once(child, 'exit').then(() => null); ; ) {
    const part: unknown = await Promise.race([once(child.stderr ?? child, 'data').then(([text]) => text), ended]);
    if (part === null) throw new Error(`tcpdump ended: ${said}`);
    said += String(part);
    if (said.includes('listening on')) return;
  }
}

const [fileHeaderBytes, recordHeaderBytes, linkHeaderBytes] = [24, 16, 14];
const destinationAt = 16;
const nanosecondStamps = 0xa1b23c4d;

/** Of a file in pcap's format (draft-ietf-opsawg-pcap), of IPv4 packets in Ethernet frames. */
export function packetsOf(file: Buffer): Arrivals {
  if (file.readUInt32LE(0) !== nanosecondStamps) throw new Error('no pcap file with nanoseconds');
  const found: { [address: string]: number[] } = {};
  for (let at = fileHeaderBytes; at + recordHeaderBytes <= file.length; ) {
    const stampMs = file.readUInt32LE(at) * 1_000 + file.readUInt32LE(at + 4) / 1_000_000;
    const from = at + recordHeaderBytes + linkHeaderBytes + destinationAt;
    const address = file.subarray(from, from + 4).join('.');
    found[address] ??= [];
    found[address].push(stampMs);
    at += recordHeaderBytes + file.readUInt32LE(at + 8);
  }
  return found;
}
