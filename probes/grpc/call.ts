/** One unary gRPC call over HTTP/2, on a connection that is open already and that ends with the call. */
import type { Socket } from 'node:net';
import type { Ending } from '../ending.ts';
import { ask, type Terms } from '../http2/connection.ts';
import { maxPayloadBytes } from '../http2/frames.ts';
import type { Header } from '../http2/hpack.ts';
import type { Failure } from '../prober.ts';
import type { PhaseWatch } from '../watch.ts';
import { type Answer, listening } from './reading.ts';

export type Call = { readonly headers: readonly Header[]; readonly message: Buffer };

export type Called = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly failure: Failure };

const terms: Terms = {
  /** An answer is some ten frames. */
  maxFrames: 2_000,
  bytesPerFrame: null,
  maxInformational: 16,
  maxBlockBytes: 32_768,
  /** What is longer, or has more, is no answer of a health service. */
  maxListBytes: 16_384,
  maxHeaders: 128,
  saysMaxListBytes: false,
  /** Room for the longest message and more. */
  windowBytes: 262_144,
};

/** Phases `firstByte` and `transfer`. The socket is closed when it resolves, or about to be. Never rejects. */
export async function unary(socket: Socket, call: Call, watch: PhaseWatch, signal: Ending): Promise<Called> {
  watch.enter('firstByte');
  if (call.message.length > maxPayloadBytes) {
    watch.finish();
    socket.destroy();
    const reason = `request: got a message of ${call.message.length} bytes, want at most ${maxPayloadBytes}`;
    return { ok: false, failure: { failedAt: 'agent', reason } };
  }
  const heard = listening(() => watch.enter('transfer'));
  const request = { headers: call.headers, body: call.message };
  const failure = await ask(socket, request, heard, terms, { watch, signal });
  return failure === null ? { ok: true, answer: heard.answer() } : { ok: false, failure };
}
