import { type Answer, encode, type Packet, type PacketOpt } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DnsQuestion, encodeQuestion, readAnswer } from '../../probes/dns/message.ts';
import { template } from '../../probes/dns/template.ts';

const question: DnsQuestion = { name: 'api.agent.test', type: 'A', subnet: null };
const other: DnsQuestion = { ...question, type: 'AAAA' };
const id = 4_242;

const names = fc.constantFrom('api.agent.test', 'API.agent.test', 'other.test');
/** Mostly what is read the short way, with now and then one thing that is not. */
const often = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const record: fc.Arbitrary<Answer> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      type: fc.constant('A' as const),
      name: often('api.agent.test', 'API.agent.test', 'other.test'),
      ttl: fc.nat(0xffff_ffff),
      data: fc.ipV4(),
    }),
  },
  fc.record({ type: fc.constant('CNAME' as const), name: names, ttl: fc.nat(300), data: names }),
);
const opt = (options: PacketOpt[], extendedRcode: number): Answer =>
  ({
    type: 'OPT',
    name: '.',
    udpPayloadSize: 1_232,
    extendedRcode,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options,
  }) as Answer;
const packet: fc.Arbitrary<Packet> = fc.record({
  type: often<'response' | 'query'>('response', 'query'),
  id: often(id, id + 1),
  flags: often(0x0180, 0x0580, 0x01a0, 0x0183, 0x0380),
  questions: often<Packet['questions'] & object>([question], [other], [{ type: 'A' as const, name: 'other.test' }], []),
  answers: fc.array(record, { maxLength: 6 }),
  authorities: fc.oneof({ weight: 12, arbitrary: fc.constant<Answer[]>([]) }, fc.array(record, { maxLength: 1 })),
  additionals: fc.constantFrom(
    [],
    [],
    [opt([], 0)],
    [opt([], 1)],
    [opt([{ code: 8, ip: '192.0.2.0', family: 1, sourcePrefixLength: 24, scopePrefixLength: 16 }], 0)],
  ),
});

/** As servers write it: the name of an answer points to the question's. */
function packed(bytes: Buffer): Buffer {
  const name = bytes.subarray(12, bytes.indexOf(0, 12) + 1);
  // Without a question there is nothing to point to.
  if (name.length < 2 || bytes.readUInt16BE(4) === 0) return bytes;
  const from = 12 + name.length + 4;
  const parts = [bytes.subarray(0, from)];
  let at = from;
  for (let next = bytes.indexOf(name, at); next !== -1; next = bytes.indexOf(name, at)) {
    parts.push(bytes.subarray(at, next), Buffer.from([0xc0, 12]));
    at = next + name.length;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

describe('the short way', () => {
  test('asks what the long one asks', () => {
    const subnets = fc.constantFrom(null, '198.51.100.0/24', '2001:db8::/45');
    fc.assert(
      fc.property(
        names,
        fc.constantFrom('A' as const, 'AAAA' as const),
        subnets,
        fc.nat(65_535),
        (name, type, subnet, asId) => {
          const asked: DnsQuestion = { name, type, subnet };
          expect(template(asked).message(asId)).toEqual(encodeQuestion(asked, asId));
        },
      ),
    );
  });

  test('reads an answer as the long one does, or not at all', () => {
    let read = 0;
    fc.assert(
      fc.property(packet, fc.boolean(), (made, isPacked) => {
        const bytes = isPacked ? packed(encode(made)) : encode(made);
        const short = template(question).read(bytes, id);
        if (short === undefined) return;
        read += 1;
        expect(short).toEqual(readAnswer(bytes, question, id));
      }),
      { numRuns: 2_000 },
    );
    expect(read).toBeGreaterThan(20);
  });

  test('reads bytes that were bent as the long one does, or not at all', () => {
    const plain = packed(
      encode({
        type: 'response',
        id,
        flags: 0x0180,
        questions: [question],
        answers: [{ type: 'A', name: question.name, ttl: 60, data: '127.1.0.1' }],
      }),
    );
    expect(template(question).read(plain, id)).toEqual(readAnswer(plain, question, id));
    fc.assert(
      fc.property(fc.nat(plain.length - 1), fc.nat(255), fc.nat(plain.length), (at, to, length) => {
        const bent = Buffer.from(plain);
        bent[at] = to;
        for (const bytes of [bent, bent.subarray(0, length)]) {
          const short = template(question).read(bytes, id);
          if (short !== undefined) expect(short).toEqual(readAnswer(bytes, question, id));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
