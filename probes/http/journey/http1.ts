/** One request and its answer in HTTP/1.1, over the project's own reader. */

import type { Socket } from 'node:net';
import type { Ending } from '../../ending.ts';
import type { PhaseWatch } from '../../watch.ts';
import { exchange } from '../exchange.ts';
import type { Framing, Head } from '../head.ts';
import { type Begun, responseReader } from '../response.ts';
import { type AnswerHead, type Exchanged, type Message, saysLength, type Taker, valuesOf } from './answer.ts';

/** As `exchange`: the socket stays as it is, for the caller to close. */
export async function askOverHttp1(
  socket: Socket,
  message: Message,
  take: Taker,
  watch: PhaseWatch,
  signal: Ending,
): Promise<Exchanged> {
  let head: AnswerHead | null = null;
  const reader = responseReader(message.method, (begun) => {
    head = headOf(begun, message.method);
    return take(head);
  });
  const outcome = await exchange(socket, { method: message.method, bytes: bytesOf(message), reader }, watch, signal);
  return { head, failure: outcome.ok ? null : outcome.failure };
}

export function bytesOf(message: Message): Buffer {
  const lines = [`${message.method} ${message.path} HTTP/1.1`, `Host: ${message.host}`];
  for (const [name, value] of message.headers) lines.push(`${name}: ${value}`);
  if (saysLength(message)) lines.push(`Content-Length: ${message.body?.length ?? 0}`);
  // One hop, one connection; a tunnel is the connection.
  if (message.method !== 'CONNECT') lines.push('Connection: close');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return message.body === null ? head : Buffer.concat([head, message.body]);
}

function headOf({ head, framing, fields }: Begun, method: string): AnswerHead {
  return {
    status: head.status,
    version: head.minorVersion === 0 ? '1.0' : '1.1',
    headers: valuesOf(fields),
    contentLength: lengthOf(head, framing, method),
  };
}

function lengthOf(head: Head, framing: Framing, method: string): number {
  const said = head.headers.get('content-length');
  if (framing.framing === 'length') return framing.bytes;
  if (framing.framing !== 'none') return -1;
  return method === 'HEAD' && said !== undefined ? Number(said) : method === 'HEAD' ? -1 : 0;
}
