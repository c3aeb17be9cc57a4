/** One request over HTTP and its answer, whole or line by line. Knows nothing of Kubernetes. */
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { type RequestOptions, request as requestTls } from 'node:https';
import { isObject } from '../../../contract/json.ts';

const maxAnswerBytes = 64 * 1_048_576;

type Fields = Readonly<Record<string, unknown>>;
export type ApiAnswer = {
  readonly status: number;
  readonly body: Fields;
  /** The server asks to be left alone for so long. */
  readonly retryAfterMs?: number;
};

export type Outgoing = {
  readonly isTls: boolean;
  readonly options: RequestOptions;
  readonly body: object | undefined;
  /** Called when the connection is there: what fails later was no lack of a way to the server. */
  readonly onConnected: () => void;
};

/** The server closed a connection that had served before: the request may be made again where that does no harm. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

/** Resolves with the answer's head; its body is to be read. */
export function opened({ isTls, options, body, onConnected }: Outgoing, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = isTls ? requestTls : requestPlain;
    const text = body === undefined ? undefined : JSON.stringify(body);
    // Node sends no length with a DELETE by itself.
    const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
    const headers = { ...options.headers, ...length } as RequestOptions['headers'];
    const outgoing = send({ ...options, headers, signal }, resolve);
    outgoing.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', onConnected);
      else onConnected();
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason);
      else if (outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE'))
        reject(new StaleConnection(error.message, { cause: error }));
      else reject(error);
    });
    outgoing.end(text);
  });
}

export async function wholeAnswer(incoming: IncomingMessage, signal: AbortSignal): Promise<ApiAnswer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  await listen(incoming, signal, (chunk) => {
    sizeBytes += chunk.length;
    if (sizeBytes > maxAnswerBytes) incoming.destroy(new Error(`answer over ${maxAnswerBytes} bytes`));
    else chunks.push(chunk);
  });
  const retryAfterMs = waitAskedMs(incoming.headers['retry-after']);
  return {
    status: incoming.statusCode ?? 0,
    body: parsed(Buffer.concat(chunks)),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Calls `onLine` with each line as soon as it is whole. Resolves when the server ends the answer in order. */
export async function eachLine(
  incoming: IncomingMessage,
  signal: AbortSignal,
  onLine: (line: Fields) => void,
): Promise<void> {
  let unfinished: Buffer[] = [];
  let sizeBytes = 0;
  await listen(incoming, signal, (chunk) => {
    let rest = chunk;
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      const line = Buffer.concat([...unfinished, rest.subarray(0, end)]);
      unfinished = [];
      sizeBytes = 0;
      rest = rest.subarray(end + 1);
      if (line.length > 0) onLine(parsed(line));
    }
    sizeBytes += rest.length;
    if (sizeBytes > maxAnswerBytes) incoming.destroy(new Error(`a line over ${maxAnswerBytes} bytes`));
    else if (rest.length > 0) unfinished.push(rest);
  });
}

const lineFeed = 0x0a;

function listen(incoming: IncomingMessage, signal: AbortSignal, onChunk: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    incoming.on('data', onChunk);
    incoming.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    incoming.on('end', resolve);
    // Cut off in the middle: neither an end nor, by every road, an error.
    incoming.on('close', () => reject(signal.aborted ? signal.reason : new Error('the answer was cut off')));
  });
}

/** Seconds, as API servers write it; a date is not one of theirs. */
function waitAskedMs(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}

function parsed(bytes: Buffer): Fields {
  const text = bytes.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : { message: text.slice(0, 200) };
  } catch {
    return { message: text.slice(0, 200) };
  }
}
