/** One question and its answer over HTTP/1.1 on a connection that is open: RFC 8484. */
import type { Socket } from 'node:net';
import { exchange } from '../http/exchange.ts';
import { type ProbeContext, shown } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';
import type { Streamed } from './stream.ts';

export const defaultPath = '/dns-query';
const mediaType = 'application/dns-message';

export type HttpsQuestion = { readonly host: string; readonly path: string; readonly message: Buffer };

/** What is wrong with it, where it cannot be put in a request. */
export function mistakeIn({ host, path }: Pick<HttpsQuestion, 'host' | 'path'>): string | undefined {
  if (!/^\/[\x21-\x7e]*$/.test(path)) return `path: got ${JSON.stringify(shown(path))}, want one that begins with /`;
  return /^[\x21-\x7e]+$/.test(host) ? undefined : `server: got ${JSON.stringify(shown(host))}, want a host`;
}

/** Phases `firstByte` and `transfer`, and the watch is finished. The caller closes the socket. */
export async function askHttps(
  socket: Socket,
  question: HttpsQuestion,
  watch: PhaseWatch,
  context: Pick<ProbeContext, 'ending'>,
): Promise<Streamed> {
  const exchanged = await exchange(socket, { method: 'POST', bytes: request(question) }, watch, context.ending);
  if (!exchanged.ok) return exchanged;
  const { status, headers, body } = exchanged.response;
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (status !== 200) return bad(`status: got ${status}, want 200`);
  if (type !== mediaType)
    return bad(`content-type: got ${type === undefined ? 'none' : shown(type)}, want ${mediaType}`);
  return { ok: true, bytes: body };
}

function request({ host, path, message }: HttpsQuestion): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    'user-agent: blackstart',
    `accept: ${mediaType}`,
    `content-type: ${mediaType}`,
    `content-length: ${message.length}`,
    'connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), message]);
}

function bad(reason: string): Streamed {
  return { ok: false, failure: { failedAt: 'answer', reason } };
}
