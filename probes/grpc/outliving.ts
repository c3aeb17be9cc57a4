/** A way around a fault of node:http2 by which a server could end our process. */
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';

/**
 * Headers that came but were not told yet (a block without its end, trailers that end nothing) stay with the native
 * stream when the connection fails. If the garbage collector takes the native session first, Node finds memory of
 * nghttp2's still in use and aborts (`current_nghttp2_memory_ == 0`, nodejs/node#39951). So the session stays until the
 * stream is gone. Call it when the stream is `ready`.
 */
export function outliveStream(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
  const [kept, until] = [nativeOf(session), nativeOf(stream)];
  if (kept !== undefined && until !== undefined) streams.register(until, kept);
}

/** It holds what is registered with each stream, and lets go of it once that has been taken. */
const streams = new FinalizationRegistry<object>(() => undefined);

/** Node shows it nowhere else. */
function nativeOf(object: object): object | undefined {
  const symbol = Object.getOwnPropertySymbols(object).find(({ description }) => description === 'kHandle');
  const handle: unknown = symbol === undefined ? undefined : Reflect.get(object, symbol);
  return typeof handle === 'object' && handle !== null ? handle : undefined;
}
