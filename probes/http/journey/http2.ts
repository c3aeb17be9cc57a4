/** One request and its answer in HTTP/2, over a TLS connection on which it was agreed. */

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Ending } from '../../ending.ts';
import { describeError, type Failure, failureOfAbort } from '../../prober.ts';
import type { PhaseWatch } from '../../watch.ts';
import type { Keeper } from '../body.ts';
import { type AnswerHead, type Exchanged, type Message, saysLength, type Taker, valuesOf } from './answer.ts';

/** As in HTTP/1.1: what is more is a trick. */
const maxInterim = 8;
const maxHeaders = 200;
const maxHeaderBytes = 32_768;
const maxSessionMegabytes = 2;

/** As `askOverHttp1`, but the connection is closed at the end: the session is its only use. */
export function askOverHttp2(
  socket: TLSSocket,
  message: Message,
  take: Taker,
  watch: PhaseWatch,
  signal: Ending,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    watch.enter('firstByte');
    if (signal.aborted) return resolve({ head: null, failure: failureOfAbort(signal, watch.current) });
    let head: AnswerHead | null = null;
    let settled = false;
    const session = sessionOver(socket);

    function settle(failure: Failure | null): void {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', stop);
      session.destroy();
      socket.destroy();
      resolve({ head, failure });
    }
    function fail(reason: string): void {
      settle({ failedAt: 'answer', reason: `answer: ${reason}` });
    }
    function stop(): void {
      settle(failureOfAbort(signal, watch.current));
    }
    function begin(came: AnswerHead): Keeper | 'stop' {
      // What comes behind the end of it all is nobody's.
      if (settled) return 'stop';
      watch.enter('transfer');
      head = came;
      return take(came);
    }

    signal.addEventListener('abort', stop, { once: true });
    session.on('error', (error) => fail(describeError(error)));
    session.on('goaway', (code) => {
      if (code !== constants.NGHTTP2_NO_ERROR) fail(`got GOAWAY with error ${code}`);
    });
    session.on('close', () => fail('got the close before its end'));
    try {
      const stream = session.request(headersOf(message), { endStream: message.body === null });
      hear(stream, message.method, { begin, fail, done: () => settle(null) });
      if (message.body !== null) stream.end(message.body);
    } catch (error) {
      // What cannot be written in HTTP/2 at all is the check's mistake.
      settle({ failedAt: 'agent', reason: `request: ${describeError(error)}` });
    }
  });
}

type Hearer = { readonly begin: Taker; fail(reason: string): void; done(): void };

/** The answer on a stream; what is told after the first `done` or `fail` says nothing any more. */
function hear(stream: ClientHttp2Stream, method: string, { begin, fail, done }: Hearer): void {
  let keeper: Keeper | 'stop' | undefined;
  let interim = 0;
  stream.on('error', (error) => fail(describeError(error)));
  stream.on('headers', () => {
    interim += 1;
    if (interim > maxInterim) fail(`got ${interim} interim answers, want at most ${maxInterim}`);
  });
  stream.on('response', (headers, flags, raw: readonly string[]) => {
    // Node takes more than we said that we would.
    const bytes = raw.reduce((sum, text) => sum + text.length, 0);
    if (bytes > maxHeaderBytes) return fail(`got ${bytes} bytes of headers, want at most ${maxHeaderBytes}`);
    keeper = begin(headOf(headers, raw, method, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0));
    if (keeper === 'stop') done();
  });
  stream.on('data', (piece: Buffer) => {
    if (keeper === undefined || keeper === 'stop') return;
    keeper.add(piece);
    if (keeper.cut) done();
  });
  stream.on('end', () => {
    if (keeper === undefined) fail('got its end before its headers');
    // `end` also comes when a stream is reset: only a stream without an error has ended.
    else if (stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted) done();
  });
  stream.on('close', () => fail(`got the stream closed with error ${stream.rstCode}`));
}

function sessionOver(socket: TLSSocket): ClientHttp2Session {
  // Only for what requests leave open; ours say all.
  return connect('https://localhost', {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: maxHeaderBytes },
    maxHeaderListPairs: maxHeaders,
    maxSessionMemory: maxSessionMegabytes,
    maxReservedRemoteStreams: 0,
  });
}

/** Of one connection only, and so not of HTTP/2: RFC 9113 §8.2.2. */
const ofConnections: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
]);

function headersOf(message: Message): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {
    ':method': message.method,
    ':scheme': message.scheme,
    ':authority': message.host,
    ':path': message.path,
  };
  for (const [name, value] of message.headers) {
    const lower = name.toLowerCase();
    if (!ofConnections.has(lower)) headers[lower] = value;
  }
  if (saysLength(message)) headers['content-length'] = String(message.body?.length ?? 0);
  return headers;
}

function headOf(headers: IncomingHttpHeaders, raw: readonly string[], method: string, ended: boolean): AnswerHead {
  const fields: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (!name.startsWith(':')) fields.push([name.toLowerCase(), raw[at + 1] ?? '']);
  }
  const values = valuesOf(fields);
  const said = values.get('content-length')?.[0];
  const contentLength =
    said !== undefined && /^\d{1,15}$/.test(said) ? Number(said) : ended && method !== 'HEAD' ? 0 : -1;
  return { status: Number(headers[':status']), version: '2', headers: values, contentLength };
}
