/** Records of a zone as records on the wire. */
import type { Answer as WireAnswer } from 'dns-packet';
import type { AnswerRecord } from '../../zone/choice.ts';

/** `undefined` for a value that does not parse: it is left out, as a name server would have refused to load it. */
export function toWire(record: AnswerRecord): WireAnswer | undefined {
  const common = { name: record.name, ttl: record.ttlSeconds } as const;
  const { type, value } = record;
  const [first = '', second = '', third = '', fourth = ''] = value.split(/\s+/);
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { ...common, type, data: value };
    case 'TXT':
      return { ...common, type, data: textsOf(value) };
    case 'MX':
      return { ...common, type, data: { preference: Number(first), exchange: second } };
    case 'SRV':
      return {
        ...common,
        type,
        data: { priority: Number(first), weight: Number(second), port: Number(third), target: fourth },
      };
    case 'CAA':
      return second === 'issue' || second === 'issuewild' || second === 'iodef'
        ? { ...common, type, data: { flags: Number(first), tag: second, value: textsOf(value).join('') } }
        : undefined;
    // The lab's API refuses to make them.
    case 'DS':
    case 'HTTPS':
    case 'NAPTR':
    case 'SPF':
    case 'SSHFP':
    case 'SVCB':
    case 'TLSA':
      return undefined;
    case 'SOA': {
      const [mname = '', rname = '', ...numbers] = value.split(/\s+/);
      const [serial = 1, refresh = 0, retry = 0, expire = 0, minimum = 0] = numbers.map(Number);
      return { ...common, type, data: { mname, rname, serial, refresh, retry, expire, minimum } };
    }
  }
}

/** `"one" "two \"quoted\""` to its texts; a text on the wire has at most 255 bytes, so that longer ones are split. */
function textsOf(value: string): Buffer[] {
  const texts = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => unescaped(match[1] ?? ''));
  return texts.flatMap((text) => (text.match(/[\s\S]{1,255}/g) ?? ['']).map((part) => Buffer.from(part, 'latin1')));
}

function unescaped(text: string): string {
  return text
    .replace(/\\([0-3][0-7]{2})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\\(.)/g, '$1');
}
