import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxBodyBytes } from '../../probes/http/body.ts';
import { type HttpResponse, type Progress, responseReader } from '../../probes/http/response.ts';

/** Feeds the bytes in pieces of these sizes, then the close. */
function read(text: string | Buffer, sizes: readonly number[] = [], method = 'GET'): Progress {
  const reader = responseReader(method);
  let rest = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  for (let turn = 0; rest.length > 0; turn += 1) {
    const size = sizes.length === 0 ? rest.length : Math.max(1, sizes[turn % sizes.length] ?? 1);
    const progress = reader.feed(Buffer.from(rest.subarray(0, size)));
    if (progress !== 'more') return progress;
    rest = rest.subarray(size);
  }
  return reader.end();
}

function responseOf(progress: Progress): HttpResponse {
  if (progress === 'more' || 'mistake' in progress) throw new Error(JSON.stringify(progress));
  return progress.response;
}

const head = (lines: string): string => `HTTP/1.1 200 OK\r\n${lines}\r\n`;

describe('a response is read the same however it is cut into pieces', () => {
  const bodies: readonly [string, string, string][] = [
    ['by its length', head('Content-Length: 5\r\nX-Region: eu-west-1\r\n'), 'hello'],
    [
      'by chunks',
      head('Transfer-Encoding: chunked\r\nX-Region: eu-west-1\r\n'),
      '3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX-T: 1\r\n\r\n',
    ],
    ['by the close', head('X-Region: eu-west-1\r\n'), 'hello'],
    [
      'behind interim answers',
      `HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${head('content-length: 5\r\nx-region: eu-west-1\r\n')}`,
      'hello',
    ],
  ];
  test.each(bodies)('%s', (_how, start, body) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }), (sizes) => {
        const response = responseOf(read(start + body, sizes));
        expect(response.status).toBe(200);
        expect(response.headers.get('x-region')).toBe('eu-west-1');
        expect(response.body.toString()).toBe('hello');
      }),
    );
  });
});

describe('where a response ends', () => {
  test.each([
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 'GET'],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 'GET'],
    ['HEAD with a length', head('Content-Length: 9\r\n'), 'HEAD'],
    ['a length of 0', head('Content-Length: 0\r\n'), 'GET'],
  ])('%s has no body', (_what, text, method) => {
    const reader = responseReader(method);
    expect(responseOf(reader.feed(Buffer.from(text))).body.length).toBe(0);
  });

  test('an endless body ends at 64 KiB, and its connection is not used again', () => {
    const reader = responseReader('GET');
    expect(reader.feed(Buffer.from(head('Content-Length: 999999999\r\n')))).toBe('more');
    let progress: Progress = 'more';
    let fed = 0;
    for (; progress === 'more' && fed < 100; fed += 1) progress = reader.feed(Buffer.alloc(10_000, 'x'));
    expect(fed).toBe(7);
    expect(responseOf(progress).body.length).toBe(maxBodyBytes);
    expect(responseOf(progress).reusable).toBe(false);
  });

  test.each([
    ['HTTP/1.1', head('content-length: 2\r\n'), 'ok', true],
    ['HTTP/1.1 that says close', head('content-length: 2\r\nConnection: Foo, Close\r\n'), 'ok', false],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n', 'ok', false],
    [
      'HTTP/1.0 that says keep-alive',
      'HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n',
      'ok',
      true,
    ],
    ['bytes behind the end', head('content-length: 2\r\n'), 'okHTTP/1.1 200 OK\r\n', false],
    ['bytes behind the last chunk', head('transfer-encoding: chunked\r\n'), '0\r\n\r\nx', false],
  ])('%s: whether another request may follow', (_what, start, body, reusable) => {
    expect(responseOf(read(start + body)).reusable).toBe(reusable);
  });
});

describe('what is not a response, or could be read as two, is refused with what was got', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n', /status line: got "S/],
    ['nothing', '', /got 0 bytes before the close/],
    ['half a head', 'HTTP/1.1 200 OK\r\nA: b\r\n', /before the close/],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', /status line/],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', /status line/],
    ['101', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', /101/],
    ['a space before the colon', head('A : b\r\n'), /header: got "A : b"/],
    ['a folded header', head('A: b\r\n c\r\n'), /header/],
    ['a header without a name', head(': b\r\n'), /header/],
    ['NUL in a header', head('A: b\0\r\n'), /header/],
    ['a bare line feed in a header', head('A: b\nC: d\r\n'), /header/],
    ['two lengths', head('Content-Length: 1\r\nContent-Length: 2\r\n'), /content-length: got 1 and 2/],
    ['a negative length', head('Content-Length: -1\r\n'), /content-length/],
    ['a hexadecimal length', head('Content-Length: 0x10\r\n'), /content-length/],
    ['a length with a sign', head('Content-Length: +1\r\n'), /content-length/],
    ['a length and chunks', head('Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), /both/],
    ['an encoding that is not chunked', head('Transfer-Encoding: gzip, chunked\r\n'), /transfer-encoding/],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', /transfer-encoding/],
    ['fewer bytes than promised', `${head('Content-Length: 9\r\n')}abc`, /got 3 bytes before the close, want 9/],
    ['chunks without an end', `${head('Transfer-Encoding: chunked\r\n')}3\r\nabc\r\n`, /before the last chunk/],
    ['a chunk size that is none', `${head('Transfer-Encoding: chunked\r\n')}zz\r\n`, /chunk size/],
    ['a chunk size with a sign', `${head('Transfer-Encoding: chunked\r\n')}-1\r\n`, /chunk size/],
    ['a chunk size beyond all numbers', `${head('Transfer-Encoding: chunked\r\n')}fffffffffffffffff\r\n`, /chunk size/],
    ['a chunk longer than it said', `${head('Transfer-Encoding: chunked\r\n')}2\r\nabc\r\n`, /behind its end/],
    ['a chunk line with a bare line feed', `${head('Transfer-Encoding: chunked\r\n')}3\nabc\r\n`, /CRLF/],
    ['an endless chunk extension', `${head('Transfer-Encoding: chunked\r\n')}1;${'x'.repeat(5_000)}`, /more than 1024/],
    ['endless trailers', `${head('Transfer-Encoding: chunked\r\n')}0\r\n${'a: b\r\n'.repeat(3_000)}`, /chunk/],
    ['endless headers', head('A: b\r\n'.repeat(20_000)), /more than 32768 bytes/],
    ['too many headers', head('A: b\r\n'.repeat(201)), /at most 200/],
    ['endless interim answers', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20), /at most 8/],
  ])('%s', (_what, text, mistake) => {
    const whole = read(text);
    const inBytes = read(text, [1]);
    expect(whole).toHaveProperty('mistake', expect.stringMatching(mistake));
    expect(inBytes).toHaveProperty('mistake', expect.stringMatching(mistake));
  });

  test('a head that never ends holds no more than its bound', () => {
    const reader = responseReader('GET');
    let progress = reader.feed(Buffer.from('HTTP/1.1 200 OK\r\n'));
    let fed = 0;
    for (; progress === 'more' && fed < 10_000; fed += 1) progress = reader.feed(Buffer.from('a'.repeat(100)));
    expect(fed).toBeLessThan(330);
  });

  test('any bytes at all are read or refused, and never throw', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'HTTP/1.',
        '\r\n',
        '\n',
        'A: b\r\n',
        'Content-Length: 3\r\n',
        'Transfer-Encoding: chunked\r\n',
        '3\r\n',
        'abc',
        '0\r\n',
        ';',
        ' ',
        '\0',
        'ff\r\n',
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }), (parts, sizes) => {
        const progress = read(parts.join(''), sizes);
        expect(progress === 'more' || 'mistake' in progress || 'response' in progress).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
