/** Undoing a body's compression, within bounds: what is packed may be a thousand times as large. */

import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Ending } from '../../ending.ts';
import { describeError, type Failure, failureOfAbort } from '../../prober.ts';
import { type Sink, sink } from './sink.ts';

export type Packing = 'gzip' | 'br' | 'deflate';

export type Unpacked = { readonly body: Sink; readonly failure: Failure | null };

/** `strict`: deflate is the bare stream, as blackbox_exporter reads it; else with or without zlib's frame, as browsers do. */
export function unpack(
  packed: Buffer,
  packing: Packing,
  bounds: { readonly keepBytes: number; readonly stopBytes: number; readonly strict: boolean },
  signal: Ending,
): Promise<Unpacked> {
  const body = sink(bounds.keepBytes, bounds.stopBytes);
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ body, failure: failureOfAbort(signal, 'transfer') });
    if (packed.length === 0) return resolve({ body, failure: bad('got nothing') });
    const stream = unpackerOf(packing, packed, bounds.strict);
    function settle(failure: Failure | null): void {
      signal.removeEventListener('abort', stop);
      stream.removeAllListeners().on('error', () => undefined);
      stream.destroy();
      resolve({ body, failure });
    }
    function bad(reason: string): Failure {
      return { failedAt: 'answer', reason: `body: ${reason}, want ${packing}` };
    }
    function stop(): void {
      settle(failureOfAbort(signal, 'transfer'));
    }
    signal.addEventListener('abort', stop, { once: true });
    stream.on('data', (piece: Buffer) => {
      body.add(piece);
      if (body.cut) settle(null);
    });
    stream.on('error', (error) => settle(bad(describeError(error))));
    stream.on('end', () => settle(null));
    stream.end(packed);
  });
}

function unpackerOf(packing: Packing, packed: Buffer, strict: boolean) {
  const options = { chunkSize: 65_536 };
  switch (packing) {
    case 'gzip':
      return createGunzip(options);
    case 'br':
      return createBrotliDecompress(options);
    case 'deflate':
      return !strict && hasZlibFrame(packed) ? createInflate(options) : createInflateRaw(options);
  }
}

/** RFC 1950: method 8 in the low half of the first byte, and the first two a multiple of 31. */
function hasZlibFrame(packed: Buffer): boolean {
  const [first = 0, second = 0] = packed;
  return (first & 15) === 8 && (first * 256 + second) % 31 === 0;
}
