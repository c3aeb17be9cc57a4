/** Answers of servers that mean harm: broken in any place, with names in circles, counts that lie and more text than there is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../contract/random.ts';
import { type Inquired, type Inquiry, inquire } from '../../../probes/dns/inquiry.ts';
import { type DnsMessage, type ReadMessage, readMessage } from '../../../probes/dns/reading.ts';
import { brokenRule } from '../../../probes/dns/validators.ts';
import { type DnsServer, dnsServer } from '../../fakes/dns-server.ts';
import { passingClock, probing } from '../../fakes/probing.ts';
import { type TcpTarget, tcpTarget } from '../../fakes/tcp-target.ts';
import table from '../dns/records.json' with { type: 'json' };

const id = 0x1234;
const asked = { id, name: 'example.', type: 255, class: 1 };
const maxTextLength = 1_048_576;
/** Only those whose question is the one asked. */
const sound: readonly Buffer[] = table
  .map(({ message }) => Buffer.from(message, 'hex'))
  .filter((bytes) => bytes.toString('latin1', 12, 20) === '\x07example');
const nasty = [0x00, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff];

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** The header's id and its bit of an answer stay, so that it is read at all; mostly the question does too. */
function mutated(random: Random): Buffer {
  let bytes = Buffer.from(pick(random, sound));
  const from = random() < 0.9 ? 25 : 3;
  for (let times = 1 + Math.floor(random() * 4); times > 0 && bytes.length > from + 12; times -= 1) {
    const at = from + Math.floor(random() * (bytes.length - from));
    const what = random();
    if (what < 0.3) bytes[at] = pick(random, nasty);
    else if (what < 0.5) bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random() * 8));
    else if (what < 0.6) bytes = bytes.subarray(0, at);
    else if (what < 0.7)
      bytes.writeUInt16BE(0xc000 | Math.floor(random() * bytes.length), Math.min(at, bytes.length - 2));
    else if (what < 0.8) bytes.writeUInt16BE(Math.floor(random() * 65_536), 4 + 2 * Math.floor(random() * 4));
    else if (what < 0.9) bytes = Buffer.concat([bytes.subarray(0, at), pick(random, sound).subarray(25)]);
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(from)]);
    bytes = Buffer.from(bytes);
  }
  return bytes;
}

const textOf = ({ answer, authority, additional }: DnsMessage): readonly string[] =>
  [...answer, ...authority, ...additional].map(({ line }) => line);

/** What holds whatever came. */
function bounded(read: ReadMessage, bytes: Buffer): void {
  if (read.read === 'garbled') expect(read.reason.length).toBeLessThan(200);
  if (read.read !== 'answer') return;
  const lines = textOf(read.message);
  expect(lines.length).toBeLessThanOrEqual(bytes.length / 11);
  expect(lines.reduce((sum, line) => sum + line.length, 0)).toBeLessThanOrEqual(maxTextLength);
}

describe('an answer that is read', () => {
  test('is read, strange or garbled in any place it is changed, and never throws', () => {
    const random = seededRandom(8);
    const seen = { answer: 0, stranger: 0, garbled: 0 };
    for (let turn = 0; turn < 20_000; turn += 1) {
      const bytes = mutated(random);
      const read = readMessage(bytes, asked);
      bounded(read, bytes);
      seen[read.read] += 1;
      if (read.read === 'answer') {
        const rules = { failIfMatchesRegexp: ['(a|b)*c$'], failIfAllMatchRegexp: ['.'], failIfNotMatchesRegexp: [] };
        brokenRule(textOf(read.message), { ...rules, failIfNoneMatchesRegexp: ['\\tTXT\\t'] });
      }
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(200);
  });

  test('of any bytes is bounded too', () => {
    const random = seededRandom(9);
    for (let turn = 0; turn < 2_000; turn += 1) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256)));
      bounded(readMessage(bytes, { ...asked, id: bytes.length < 2 ? 0 : bytes.readUInt16BE(0) }), bytes);
    }
  });
});

/** Header, question, and records with these names and data, the counts as they are or as they lie. */
function message(records: readonly Buffer[], count = records.length): Buffer {
  const head = Buffer.from('123484000001000000000000', 'hex');
  head.writeUInt16BE(count, 6);
  const question = Buffer.from('076578616d706c650000ff0001', 'hex');
  return Buffer.concat([head, question, ...records]);
}
function record(name: string, type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([Buffer.from(name, 'hex'), fixed, data]);
}
const pointer = (at: number): string => (0xc000 | at).toString(16);

describe('a trick', () => {
  const first = 25; // where the first record begins
  const manyTexts = Buffer.concat(
    Array.from({ length: 250 }, () => Buffer.concat([Buffer.from([255]), Buffer.alloc(255, 7)])),
  );
  const longName = `${`3f${'07'.repeat(63)}`.repeat(3)}3d${'07'.repeat(61)}00`;
  const far = Array.from({ length: 4_000 }, () => record(pointer(first), 2, Buffer.from(pointer(first), 'hex')));
  const chain = Buffer.from(
    `00${Array.from({ length: 300 }, (_, index) => pointer(first + 11 + Math.max(0, index * 2 - 1))).join('')}`,
    'hex',
  );

  test.each<readonly [string, Buffer, string]>([
    ['a name that points at itself', message([record(pointer(first), 1, Buffer.alloc(4))]), 'too many pointers'],
    [
      'two names that point at each other',
      message([record(`0161${pointer(first + 4)}${pointer(first)}`, 1, Buffer.alloc(4))]),
      'too many pointers|more than 255',
    ],
    [
      'a chain of three hundred pointers',
      message([record('00', 65_280, chain), record(pointer(first + 11 + 597), 1, Buffer.alloc(4))]),
      'too many pointers',
    ],
    ['a name that points behind the end', message([record(pointer(16_000), 1, Buffer.alloc(4))]), 'behind its end'],
    ['a label of a kind that there is not', message([record('4161', 1, Buffer.alloc(4))]), 'unknown kind'],
    [
      'a name of 256 bytes',
      message([record(`${`3f${'61'.repeat(63)}`.repeat(4)}00`, 1, Buffer.alloc(4))]),
      'more than 255',
    ],
    [
      'a length behind the end',
      message([record('00', 16, Buffer.from([200, 1]))]),
      'field of 200 bytes where 1 are left',
    ],
    ['a record that says more than it has', message([Buffer.from('0000010001000000000400', 'hex')]), 'field of'],
    ['half an address', message([record('00', 1, Buffer.alloc(2))]), 'field of 4 bytes where 2'],
    ['an address and a half', message([record('00', 1, Buffer.alloc(6))]), 'too long'],
    [
      'short names of long ones, four thousand times',
      message([record(longName, 1, Buffer.alloc(4)), ...far]),
      'records of more than',
    ],
  ])('%s is garbled', (_what, bytes, reason) => {
    expect(bytes.length).toBeLessThanOrEqual(65_535);
    expect(readMessage(bytes, asked)).toEqual({ read: 'garbled', reason: expect.stringMatching(reason) });
  });

  test.each<readonly [string, Buffer, number]>([
    ['counts of records that are not there', message([record('00', 1, Buffer.alloc(4))], 65_535), 1],
    ['a TXT of 64,000 bytes that nobody can print', message([record('00', 16, manyTexts)]), 1],
    ['nothing behind the question', message([], 65_535), 0],
  ])('%s is read to its end and no further', (_what, bytes, count) => {
    const read = readMessage(bytes, asked);
    bounded(read, bytes);
    expect(read).toMatchObject({ read: 'answer', message: { answer: { length: count } } });
  });
});

describe('a server that means harm', () => {
  const random = seededRandom(10);
  let next: readonly Buffer[] = [];
  let udp: DnsServer;
  let tcp: TcpTarget;
  beforeAll(async () => {
    const withId = (bytes: Buffer, own: number): Buffer => {
      const copy = Buffer.from(bytes);
      if (copy.length >= 2 && copy.readUInt16BE(0) === id) copy.writeUInt16BE(own, 0);
      return copy;
    };
    udp = await dnsServer(({ packet }) => next.map((bytes) => withId(bytes, packet.id ?? 0)));
    tcp = await tcpTarget((socket) => {
      socket.once('data', (query) => {
        for (const bytes of next) socket.write(withId(bytes, query.readUInt16BE(2)));
        socket.end();
      });
    });
  });
  afterAll(() => Promise.all([udp.close(), tcp.close()]));

  const context = { ...probing(passingClock()), ending: new AbortController().signal };
  function ask(transport: 'udp' | 'tcp'): Promise<Inquired> {
    const { at } = transport === 'udp' ? udp : tcp;
    const question = { name: 'example.', type: 'ANY', class: 'IN', recursionDesired: true, subnet: null, nsid: false };
    const inquiry: Inquiry = { ...question, server: at, transport, tls: {}, edns: true };
    return inquire(inquiry, context);
  }
  function holds(seen: Inquired, failedAt: string): void {
    expect(seen.phases.connectMs + seen.phases.requestMs).toBe(seen.durationMs);
    expect(seen.ok).toBe(seen.failure === null);
    if (seen.failure !== null) expect(seen.failure.failedAt).toBe(failedAt);
  }

  test('over UDP is answered or refused by what it says, and a good answer behind a strange one is heard', async () => {
    const [good] = sound;
    const outcomes = new Set<boolean>();
    for (let turn = 0; turn < 1_000; turn += 1) {
      next = [mutated(random), good as Buffer];
      const seen = await ask('udp');
      holds(seen, 'resolve');
      outcomes.add(seen.ok);
    }
    expect(outcomes.size).toBe(2);
  });

  test('over UDP that floods with strange answers is given up', async () => {
    const stranger = Buffer.from(sound[0] as Buffer);
    stranger.writeUInt8(0, 2);
    next = new Array<Buffer>(150).fill(stranger);
    expect(await ask('udp')).toMatchObject({
      ok: false,
      failure: { failedAt: 'resolve', reason: expect.stringContaining('other questions') },
    });
  });

  test('over TCP, with lengths that lie and closes at any place, too', async () => {
    const outcomes = new Set<boolean>();
    for (let turn = 0; turn < 500; turn += 1) {
      const bytes = mutated(random);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(random() < 0.7 ? bytes.length : Math.floor(random() * 65_536));
      const cut = random() < 0.9 ? bytes.length : Math.floor(random() * bytes.length);
      next = [length.subarray(0, random() < 0.95 ? 2 : 1), bytes.subarray(0, cut)];
      const seen = await ask('tcp');
      holds(seen, 'answer');
      outcomes.add(seen.ok);
    }
    expect(outcomes.size).toBe(2);
    await tcp.quiet();
  });
});
