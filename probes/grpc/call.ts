/** One unary gRPC call over HTTP/2, on a connection that is open already and that ends with the call. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Ending } from '../ending.ts';
import { describeError, type Failure, failureOfAbort, shown } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';
import { maxMessageBytes } from './message.ts';

export type Call = { readonly headers: OutgoingHttpHeaders; readonly message: Buffer };

/** As HTTP/2 gave them, with `:status`. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What came on the stream until it ended. `trailers`: `null` where the headers were all there is. */
export type Answer = {
  readonly headers: Headers;
  readonly trailers: Headers | null;
  readonly body: Buffer;
};
export type Called = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly failure: Failure };

const limits: ClientSessionOptions = {
  settings: { enablePush: false, maxHeaderListSize: 16_384 },
  maxReservedRemoteStreams: 0,
  maxHeaderListPairs: 128,
  // Megabytes, the least there is.
  maxSessionMemory: 1,
};
/** A message and its prefix; one byte more shows that there is more. */
const maxBodyBytes = maxMessageBytes + 6;
/** Answers before the answer (103 and the like), of which a server could send one after another. */
const maxInformational = 16;

/** Phases `firstByte` and `transfer`. The socket is closed when it resolves, or about to be. Never rejects. */
export function unary(socket: Socket, call: Call, watch: PhaseWatch, signal: Ending): Promise<Called> {
  watch.enter('firstByte');
  return new Promise((resolve) => {
    const heard = hearing();
    let session: ClientHttp2Session | undefined;
    function settle(called: Called): void {
      signal.removeEventListener('abort', stop);
      watch.finish();
      session?.destroy();
      socket.destroy();
      resolve(called);
    }
    function stop(): void {
      settle({ ok: false, failure: failureOfAbort(signal, watch.current) });
    }
    if (signal.aborted) return stop();
    if (socket.destroyed) return settle(failed(closedText));
    signal.addEventListener('abort', stop, { once: true });

    // The authority goes into headers only, and those are the call's.
    session = connect('http://unused.invalid', { ...limits, createConnection: () => socket });
    session.on('error', () => undefined);
    session.once('goaway', (code: number, _last: number, words?: Buffer) => heard.goaway(code, words));
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(call.headers);
    } catch (error) {
      return settle({ ok: false, failure: { failedAt: 'agent', reason: `request: ${describeError(error)}` } });
    }
    const over = (): void => settle(heard.outcome(session.destroyed, stream.rstCode ?? 0));
    stream.on('error', heard.error);
    stream.once('response', (headers) => {
      watch.enter('transfer');
      heard.headers(headers);
    });
    stream.on('headers', () => heard.informational() && over());
    stream.on('data', (bytes: Buffer) => heard.data(bytes) && over());
    stream.once('trailers', heard.trailers);
    // A stream that the other side has ended may stay half open for as long as it does not take our request.
    stream.once('end', over);
    stream.once('close', over);
    stream.end(call.message);
  });
}

const closedText = 'answer: the connection was closed by the other side, want a response';

/** What a stream told, and what that comes to. */
function hearing() {
  let headers: Headers | undefined;
  let trailers: Headers | null = null;
  let error: Error | undefined;
  let farewell: string | undefined;
  let tooMuch: string | undefined;
  let informational = 0;
  let length = 0;
  const body: Buffer[] = [];
  return {
    headers(found: Headers): void {
      headers = found;
    },
    trailers(found: Headers): void {
      trailers = found;
    },
    error(found: Error): void {
      error ??= found;
    },
    goaway(code: number, words: Buffer | undefined): void {
      const said = words === undefined || words.length === 0 ? '' : ` ${JSON.stringify(shown(words.toString('utf8')))}`;
      farewell = `GOAWAY ${errorName(code)}${said}`;
    },
    /** True when it is more than will be read, as in `informational`. */
    data(bytes: Buffer): boolean {
      body.push(bytes);
      length += bytes.length;
      if (length > maxBodyBytes) tooMuch = `answer: got more than ${maxMessageBytes} bytes, want a health answer`;
      return tooMuch !== undefined;
    },
    informational(): boolean {
      informational += 1;
      if (informational > maxInformational) tooMuch = `answer: got ${informational} headers before the answer's`;
      return tooMuch !== undefined;
    },
    outcome(isClosed: boolean, rstCode: number): Called {
      if (tooMuch !== undefined) return failed(tooMuch);
      if (error === undefined && rstCode === 0 && headers !== undefined) {
        return { ok: true, answer: { headers, trailers, body: Buffer.concat(body) } };
      }
      if (farewell !== undefined) return failed(`answer: got ${farewell}, want a response`);
      if (error !== undefined && !isStreamError(error)) return failed(`answer: ${wordsOf(error)}, want a response`);
      if (isClosed) return failed(closedText);
      return failed(`answer: the stream was reset with ${errorName(rstCode)}, want a response`);
    },
  };
}

function isStreamError(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_HTTP2_STREAM_ERROR';
}

/** nghttp2's words are of HTTP/2 and do not say so. */
function wordsOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_HTTP2_ERROR' ? `got what is no HTTP/2 (${describeError(error)})` : `got ${describeError(error)}`;
}

/** RFC 9113 §7. */
const errorNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

function errorName(code: number): string {
  return errorNames[code] ?? `error ${code}`;
}

function failed(reason: string): Called {
  return { ok: false, failure: { failedAt: 'answer', reason } };
}
