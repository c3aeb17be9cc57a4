/** One request and its answer in HTTP/2, over a TLS connection on which it was agreed. */
import type { Socket } from 'node:net';
import type { Ending } from '../../ending.ts';
import { ask, type Terms } from '../../http2/connection.ts';
import { entryBytes, type Header } from '../../http2/hpack.ts';
import { type Progress, unsound } from '../../http2/progress.ts';
import type { Hearer } from '../../http2/reading.ts';
import { shown } from '../../prober.ts';
import type { PhaseWatch } from '../../watch.ts';
import type { Keeper } from '../body.ts';
import { type AnswerHead, type Exchanged, type Message, saysLength, type Taker, valuesOf } from './answer.ts';

/** As in HTTP/1.1: what is more is a trick. */
const maxHeaders = 200;
const maxListBytes = 32_768 + maxHeaders * entryBytes;

const terms: Terms = {
  maxFrames: 2_000,
  /** Servers open their windows again after as little as this. */
  bytesPerFrame: 64,
  maxInformational: 8,
  maxBlockBytes: maxListBytes,
  maxListBytes,
  maxHeaders,
  saysMaxListBytes: true,
  windowBytes: 1_048_576,
};

/** As `askOverHttp1`, but the connection is closed at the end: this was its only use. */
export async function askOverHttp2(
  socket: Socket,
  message: Message,
  take: Taker,
  watch: PhaseWatch,
  signal: Ending,
): Promise<Exchanged> {
  watch.enter('firstByte');
  let head: AnswerHead | null = null;
  const hearer = hearing(message.method, (came) => {
    watch.enter('transfer');
    head = came;
    return take(came);
  });
  const request = { headers: headersOf(message), body: message.body };
  const failure = await ask(socket, request, hearer, terms, { watch, signal });
  return { head, failure };
}

function hearing(method: string, take: Taker): Hearer {
  let keeper: Keeper | 'stop' = 'stop';
  /** `null`: nobody said. */
  let wantBytes: number | null = null;
  let gotBytes = 0;

  function end(): Progress {
    return wantBytes === null || gotBytes === wantBytes
      ? 'done'
      : { mistake: `body: got ${gotBytes} bytes before its end, want ${wantBytes}` };
  }
  return {
    begin([status, ...fields], endsStream) {
      const alien = fields.find(([name]) => ofConnections.has(name));
      if (alien !== undefined) return unsound(`the header ${alien[0]}, which is not of HTTP/2`);
      const length = lengthOf(fields);
      if (typeof length === 'object') return length;
      const code = Number(status?.[1]);
      const hasNone = method === 'HEAD' || code === 204 || code === 304;
      wantBytes = hasNone ? 0 : (length ?? null);
      const contentLength = length ?? (endsStream && method !== 'HEAD' ? 0 : -1);
      keeper = take({ status: code, version: '2', headers: valuesOf(fields), contentLength });
      if (keeper === 'stop') return 'done';
      return endsStream ? end() : 'more';
    },
    data(content) {
      if (keeper === 'stop') return 'done';
      gotBytes += content.length;
      if (wantBytes !== null && gotBytes > wantBytes) {
        return { mistake: `body: got more than ${wantBytes} bytes, want so many` };
      }
      keeper.add(content);
      return keeper.cut ? 'done' : 'more';
    },
    end,
  };
}

/** Two lengths are one only if they are equal. */
function lengthOf(fields: readonly Header[]): number | undefined | { readonly mistake: string } {
  const said = new Set(fields.filter(([name]) => name === 'content-length').map(([, value]) => value));
  const [length] = said;
  if (length === undefined) return undefined;
  return said.size === 1 && /^\d{1,15}$/.test(length)
    ? Number(length)
    : { mistake: `content-length: got ${JSON.stringify(shown([...said].join(' and ')))}, want one number` };
}

/** Of one connection only, and so not of HTTP/2: RFC 9113 §8.2.2. */
const ofConnections: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
/** Nor is the host, which has a place of its own, nor what only asks for those. */
const notSent: ReadonlySet<string> = new Set([...ofConnections, 'host', 'http2-settings', 'te']);

function headersOf(message: Message): Header[] {
  const headers: Header[] = [
    [':method', message.method],
    [':scheme', message.scheme],
    [':authority', message.host],
    [':path', message.path],
  ];
  for (const [name, value] of message.headers) {
    const lower = name.toLowerCase();
    // Blanks around a value are none of it, and here they would be an error (RFC 9113 §8.2.1).
    if (!notSent.has(lower)) headers.push([lower, value.replace(/^[ \t]+|[ \t]+$/g, '')]);
  }
  if (saysLength(message)) headers.push(['content-length', String(message.body?.length ?? 0)]);
  return headers;
}
