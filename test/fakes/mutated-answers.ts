/** Answers of HTTP/1.1 servers, most of them wrong in one way or several; the same ones for the same seed. */

export type Wrong = {
  readonly method: string;
  readonly bytes: Buffer;
  /** Where the bytes are cut into pieces, rising. */
  readonly cuts: readonly number[];
};

const starts = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 404 Not Found',
  'HTTP/1.1 503 ',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 204 No Content',
];
const fields = [
  'Server: x',
  'X-A: 1',
  'x-a: 2',
  'Set-Cookie: a=b',
  'Content-Type: text/html',
  'Connection: close',
  'X-E:',
];
const bodies: readonly (readonly [framing: string, body: string])[] = [
  ['Content-Length: 5', 'hello'],
  ['Content-Length: 0', ''],
  ['', 'until the close'],
  ['Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
  ['Transfer-Encoding: chunked', '3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX-T: 1\r\n\r\n'],
  ['Transfer-Encoding: Chunked', '00a\r\n0123456789\r\nA;x="y"\r\n0123456789\r\n0\r\n\r\n'],
];
const interim = ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'];

/** What is put somewhere in, or instead of something. */
const tricks = [
  '\n',
  '\r',
  '\r\n',
  '\r\n\r\n',
  '\n\n',
  ' ',
  '\t',
  '\0',
  ':',
  ';',
  ',',
  '0',
  '5',
  'f',
  '-',
  '+',
  '0x',
  'ÿ',
  '\x7f',
  '"',
  '\r\n folded',
  '\r\n\tfolded',
  'Content-Length: 5\r\n',
  'Content-Length: 6\r\n',
  'Content-Length: 5, 5\r\n',
  'Content-Length: -1\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: 5 \r\n',
  'Content-Length: 0x5\r\n',
  'Content-Length:\r\n',
  'Content-Length : 5\r\n',
  'Content-Length: 99999999999999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Transfer-Encoding: chunked, chunked\r\n',
  'Transfer-Encoding: xchunked\r\n',
  'Transfer-Encoding : chunked\r\n',
  'X B: 1\r\n',
  'X-B : 1\r\n',
  ' X-B: 1\r\n',
  ': no name\r\n',
  'no colon\r\n',
  'X-B: a\0b\r\n',
  'X-B: \xe4\r\n',
  'X-B:  \t \r\n',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/2 200\r\n',
  '5\r\n',
  '5;\r\n',
  '5 ;a\r\n',
  '05\r\nhello\r\n',
  '0\r\n\r\n',
  '0\r\n',
  '5\nhello\n',
  'ffffffff\r\n',
  'fffffffffffffffff\r\n',
  '-5\r\n',
  '5\r\nhell',
  'g\r\n',
  '5;a="\r\n"\r\n',
  'X-T: 1\r\n',
  'hello',
] as const;

export function mutatedAnswer(random: () => number): Wrong {
  const pick = <Item>(from: readonly Item[]): Item => from[Math.floor(random() * from.length)] as Item;
  const below = (end: number): number => Math.floor(random() * end);
  const [framing, body] = pick(bodies);
  const lines = [
    pick(starts),
    ...Array.from({ length: below(4) }, () => pick(fields)),
    ...(framing === '' ? [] : [framing]),
  ];
  let text = `${random() < 0.15 ? pick(interim) : ''}${lines.join('\r\n')}\r\n\r\n${body}`;
  for (let left = below(4); left > 0; left -= 1) text = mutated(text, pick, below);
  const bytes = Buffer.from(text, 'latin1');
  const cuts = Array.from({ length: below(5) }, () => below(bytes.length)).toSorted((a, b) => a - b);
  return { method: random() < 0.1 ? 'HEAD' : 'GET', bytes, cuts };
}

function mutated(text: string, pick: <Item>(from: readonly Item[]) => Item, below: (end: number) => number): string {
  const at = below(text.length + 1);
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  switch (below(8)) {
    case 0:
      return text.slice(0, at) + pick(tricks) + text.slice(at);
    case 1:
      return text.slice(0, lineStart) + pick(tricks) + text.slice(lineStart);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + below(4));
    case 3:
      return text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
    case 4:
      return text.slice(0, at);
    case 5:
      return text.replace('\r\n', '\n');
    case 6:
      return text + pick(tricks);
    default: {
      const lineEnd = text.indexOf('\n', at) + 1;
      return text.slice(0, lineEnd) + text.slice(lineStart, lineEnd) + text.slice(lineEnd);
    }
  }
}

/** Copies: who reads a piece may keep it. */
export function pieces({ bytes, cuts }: Pick<Wrong, 'bytes' | 'cuts'>): Buffer[] {
  const edges = [0, ...cuts, bytes.length];
  return edges
    .slice(1)
    .map((edge, nth) => Buffer.from(bytes.subarray(edges[nth], edge)))
    .filter((piece) => piece.length > 0);
}
