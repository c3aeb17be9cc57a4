/** Our HTTP/1.1 reader beside Node's, over answers that are wrong in every way that a list of tricks makes them. */
import { request } from 'node:http';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../contract/random.ts';
import { responseReader } from '../../../probes/http/response.ts';
import { mutatedAnswer, pieces, type Wrong } from '../../fakes/mutated-answers.ts';

const cases = 5_000;
/** They take some seconds of a processor, and the machine may have others to serve. */
const patienceMs = 120_000;
const seed = 20_261_122;

type Answer = { readonly status: number; readonly fields: readonly string[]; readonly body: string };
type Seen = Answer | { readonly mistake: string };

/** `atBytes`: how much of the answer had come when it was whole, or was refused. */
function ours(wrong: Wrong): { readonly seen: Seen; readonly atBytes: number } {
  const fields: string[] = [];
  const reader = responseReader(wrong.method, (begun) => {
    fields.push(...begun.fields.map(([name, value]) => `${name}: ${value}`));
    let body = Buffer.alloc(0);
    return {
      add: (piece) => {
        body = Buffer.concat([body, piece]);
      },
      get kept() {
        return body;
      },
      cut: false,
    };
  });
  let atBytes = 0;
  for (const piece of pieces(wrong)) {
    const progress = reader.feed(piece);
    atBytes += piece.length;
    if (progress !== 'more') return { seen: seenIn(progress, fields), atBytes };
  }
  const progress = reader.end();
  return { seen: progress === 'more' ? { mistake: 'wants more' } : seenIn(progress, fields), atBytes };
}

/** As plain requests are read, out of a buffer that is written over for each piece. */
function plainly(wrong: Wrong): Seen {
  const reader = responseReader(wrong.method);
  const shared = Buffer.alloc(wrong.bytes.length);
  for (const piece of pieces(wrong)) {
    piece.copy(shared);
    const progress = reader.feed(shared.subarray(0, piece.length));
    if (progress !== 'more') return seenIn(progress, []);
    shared.fill('#');
  }
  const progress = reader.end();
  return progress === 'more' ? { mistake: 'wants more' } : seenIn(progress, []);
}

function seenIn(
  progress: Exclude<ReturnType<ReturnType<typeof responseReader>['feed']>, 'more'>,
  fields: string[],
): Seen {
  if ('mistake' in progress) return progress;
  const { status, body } = progress.response;
  return { status, fields, body: body.toString('latin1') };
}

/** The same bytes through Node's client, without a network between. */
function theirs(wrong: Pick<Wrong, 'method' | 'bytes' | 'cuts'>): Promise<Seen> {
  return new Promise((resolve) => {
    const line = new Duplex({
      read: () => undefined,
      write: (_piece, _encoding, done) => done(),
      final: (done) => done(),
    });
    const asked = request({ method: wrong.method, maxHeaderSize: 32_768, createConnection: () => line });
    const refuse = (error: Error & { readonly code?: string; readonly reason?: string }): void =>
      resolve({ mistake: `${error.code ?? ''} ${error.reason ?? error.message}` });
    asked.on('error', refuse).on('close', () => refuse(new Error('closed')));
    asked.on('upgrade', () => refuse(new Error('upgrade')));
    asked.on('response', (answer) => {
      let body = '';
      answer.setEncoding('latin1').on('data', (piece: string) => {
        body += piece;
      });
      answer.on('error', refuse).on('aborted', () => refuse(new Error('aborted')));
      answer.on('end', () => {
        const raw = answer.rawHeaders;
        const fields = raw.flatMap((name, at) => (at % 2 === 0 ? [`${name.toLowerCase()}: ${raw[at + 1]}`] : []));
        resolve({ status: answer.statusCode ?? 0, fields, body });
      });
    });
    asked.end();
    setImmediate(() => {
      for (const piece of pieces(wrong)) line.push(piece);
      line.push(null);
    });
  });
}

/** Up to where our reader, byte by byte, has it whole: what is behind belongs to no request of ours. */
function upToItsEnd(wrong: Wrong): Wrong {
  const { seen, atBytes } = ours({ ...wrong, cuts: Array.from({ length: wrong.bytes.length }, (_, at) => at) });
  return 'mistake' in seen ? wrong : { ...wrong, bytes: wrong.bytes.subarray(0, atBytes) };
}

/** Where we differ from Node on purpose: what we say of it, or what it says, and what has to be in the bytes. */
const stricter: readonly (readonly [why: string, mistake: RegExp, bytes: RegExp])[] = [
  [
    'HTTP/1.0 knows no chunks (RFC 9112 §6.1)',
    /^transfer-encoding: got .* in HTTP\/1\.0/,
    /HTTP\/1\.0[\s\S]*transfer-encoding/i,
  ],
  [
    'no encoding but chunked, once, is undone (RFC 9112 §6.1)',
    /^transfer-encoding: got .* in HTTP\/1\.1/,
    /transfer-encoding/i,
  ],
  ['nothing comes before a status line', /^status line/, /^(?:HTTP\/1\.1 1[\s\S]*?\r\n\r\n)?[\r\n]+HTTP/],
  ['a tab behind a value is a blank: that is chunked', /^(?:chunk|trailer|body)/, /transfer-encoding: *chunked *\t/i],
  ['a status has three digits, of which the first is not 0', /^status line/, /HTTP\/1\.[01] 0/],
];
const laxer: readonly (readonly [why: string, mistake: RegExp, bytes: RegExp])[] = [
  [
    'the same length twice is one length (RFC 9110 §8.6)',
    /Duplicate Content-Length/,
    /content-length[\s\S]*content-length/i,
  ],
  ['extensions of chunks are passed over, whatever they are', /chunk extension/, /;/],
  ['blanks behind the size of a chunk are passed over (RFC 9112 §7.1.1)', /in chunk size/, /[\da-f][ \t]/i],
  [
    'interim answers have no body, whatever they say of one',
    /Content-Length|Transfer-Encoding/,
    /^HTTP\/1\.1 1[\s\S]*(?:content-length|transfer-encoding)/i,
  ],
  [
    'trailers are not headers: they frame nothing',
    /Content-Length|Transfer-Encoding/,
    /0\r\n[\s\S]*(?:content-length|transfer-encoding)/i,
  ],
];

function isMeant(list: typeof stricter, mistake: string, { bytes }: Wrong): boolean {
  const text = bytes.toString('latin1');
  return list.some(([, said, there]) => said.test(mistake) && there.test(text));
}

test(`${cases} mutated answers are read as Node reads them, or refused as it refuses them, but for what is meant`, {
  timeout: patienceMs,
}, async () => {
  const random = seededRandom(seed);
  const differences: unknown[] = [];
  const counts = { read: 0, refused: 0, meant: 0 };
  for (let nth = 0; nth < cases; nth += 1) {
    const wrong = upToItsEnd(mutatedAnswer(random));
    const { seen } = ours(wrong);
    const node = await theirs(wrong);
    const about = { nth, method: wrong.method, bytes: wrong.bytes.toString('latin1'), seen, node };
    if ('mistake' in seen && 'mistake' in node) counts.refused += 1;
    else if ('mistake' in seen || 'mistake' in node) {
      const meant =
        'mistake' in seen
          ? isMeant(stricter, seen.mistake, wrong)
          : 'mistake' in node && isMeant(laxer, node.mistake, wrong);
      if (meant) counts.meant += 1;
      else differences.push(about);
    } else if (seen.status === node.status && seen.body === node.body && `${seen.fields}` === `${node.fields}`) {
      counts.read += 1;
    } else differences.push(about);
  }
  expect(differences).toEqual([]);
  // Otherwise it would show nothing.
  expect(counts.read).toBeGreaterThan(cases / 10);
  expect(counts.refused).toBeGreaterThan(cases / 10);
  expect(counts.meant).toBeGreaterThan(0);
});

test('however an answer is cut into pieces, and whoever keeps its body, the same is read or refused', {
  timeout: patienceMs,
}, () => {
  const random = seededRandom(seed + 1);
  for (let nth = 0; nth < cases; nth += 1) {
    const wrong = mutatedAnswer(random);
    const whole = ours({ ...wrong, cuts: [] }).seen;
    const cut = ours(wrong).seen;
    const plain = plainly(wrong);
    expect({ plain, bytes: wrong.bytes }).toEqual({
      plain: 'mistake' in cut ? cut : { ...cut, fields: [] },
      bytes: wrong.bytes,
    });
    const bytes = wrong.bytes.toString('latin1');
    if ('mistake' in whole || 'mistake' in cut) {
      expect(['mistake' in whole, 'mistake' in cut, bytes]).toEqual([true, true, bytes]);
    } else {
      expect({ cut, bytes }).toEqual({ cut: whole, bytes });
    }
  }
});
