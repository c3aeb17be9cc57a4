/** A web server that answers as its path says, good and bad. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

export const text = 'the quick brown fox jumps over the lazy dog\n';
const json = '{"status":"up","load":0.5,"count":3,"nested":{"list":[1,2,3]},"nothing":null}';

export type WebServer = { readonly port: number; close(): Promise<void> };
type Page = (request: IncomingMessage, response: ServerResponse, rest: string) => void;

function raw(bytes: string, end = true): Page {
  return (request) => {
    request.socket.write(bytes, 'latin1');
    if (end) request.socket.end();
  };
}

function packed(encoding: string, body: Buffer): Page {
  return (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body);
}

const pages: Readonly<Record<string, Page>> = {
  text: (_, response) => response.writeHead(200, { 'content-length': text.length, 'x-side': 'left' }).end(text),
  json: (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(json),
  empty: (_, response) => response.writeHead(200, { 'content-length': 0 }).end(),
  chunked: (_, response) => {
    response.write('one, ');
    response.end('two');
  },
  status: (_, response, code) => response.writeHead(Number(code)).end(code === '204' ? undefined : `it is ${code}`),
  twice: (_, response) => response.writeHead(200, { 'x-word': ['one', 'two'] }).end('twice'),
  redirect: (_, response, count) => {
    const left = Number(count);
    if (left === 0) response.end('arrived');
    else response.writeHead(302, { location: `/redirect/${left - 1}` }).end('elsewhere');
  },
  loop: (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  moved: (_, response, code) => response.writeHead(Number(code), { location: '/method' }).end(),
  method: (request, response) => response.end(`it was ${request.method}`),
  to: (_, response, url) => response.writeHead(301, { location: decodeURIComponent(url) }).end('go on'),
  nowhere: (_, response) => response.writeHead(302).end('no location'),
  gzip: packed('gzip', gzipSync(text)),
  brokenGzip: packed('gzip', Buffer.from('this is no gzip at all')),
  cutGzip: packed('gzip', gzipSync(text).subarray(0, 30)),
  br: packed('br', brotliCompressSync(text)),
  deflate: packed('deflate', deflateRawSync(text)),
  zlib: packed('deflate', deflateSync(text)),
  modified: (_, response) => response.writeHead(200, { 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' }).end('old'),
  modifiedOdd: (_, response) => response.writeHead(200, { 'last-modified': 'yesterday' }).end('old'),
  modifiedAsctime: (_, response) =>
    response.writeHead(200, { 'last-modified': 'Sun Nov  6 08:49:37 1994' }).end('older'),
  modified850: (_, response) =>
    response.writeHead(200, { 'last-modified': 'Sunday, 06-Nov-94 08:49:37 GMT' }).end('older'),
  word: (request, response) => response.end(`x-word: ${request.headers['x-word']}`),
  agent: (request, response) => response.end(String(request.headers['user-agent']).slice(0, 17)),
  host: (request, response) => response.writeHead(200, { 'x-host': request.headers.host ?? '' }).end('host'),
  echo: (request, response) => void request.pipe(response),
  private: (request, response, wanted) => {
    const isRight = request.headers.authorization === decodeURIComponent(wanted);
    response.writeHead(isRight ? 200 : 401, { 'content-length': 0 }).end();
  },
  cookie: (_, response) =>
    response.writeHead(302, { 'set-cookie': 'seen=yes; Path=/', location: '/needsCookie' }).end(),
  needsCookie: (request, response) => response.writeHead(request.headers.cookie === 'seen=yes' ? 200 : 403).end(),
  token: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"access_token":"from-the-token-page","token_type":"Bearer","expires_in":60}');
  },
  large: (_, response) => response.end('x'.repeat(100_000)),
  silence: () => undefined,
  half: (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('not all of it');
  },
  cut: raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it'),
  cutChunk: raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  garbage: raw('this is not HTTP\r\n\r\n'),
  old: raw('HTTP/1.0 200 OK\r\n\r\nuntil the close'),
  oldLength: raw('HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  close: (request) => request.socket.destroy(),
  badLength: raw('HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n'),
  interim: raw('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  latin: raw('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xe9\xe8\xff\x00'),
};

export const answer = (request: IncomingMessage, response: ServerResponse): void => {
  // A proxy is asked for whole URLs.
  const path = (request.url ?? '/').replace(/^http:\/\/[^/]+/, '').split('?')[0] ?? '/';
  const [, name = '', ...rest] = path.split('/');
  const page = Object.hasOwn(pages, name) ? pages[name] : undefined;
  if (name === '') response.end('the front page');
  else if (page === undefined) response.writeHead(404).end('not here');
  else page(request, response, rest.join('/'));
};

export async function webServer(host = '127.0.0.1'): Promise<WebServer> {
  const server = createServer(answer);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
