import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Clock } from '../../contract/clock.ts';
import { packer } from '../metrics/compress.ts';
import type { Encoding } from '../metrics/negotiate.ts';

export type Reading = { readonly sinceMs: number; cutOff(): void };

/** Readers at the same time: each holds what it reads in memory until it is done. */
export function readers(clock: Clock, limits: { readonly most: number; readonly slowAfterMs: number }) {
  const open = new Set<Reading>();
  return {
    open,
    /** Whether there is room for one more; who has been reading for too long makes room. */
    hasRoom(onCutOff: () => void): boolean {
      if (open.size < limits.most) return true;
      const [oldest] = open;
      if (oldest === undefined || clock.nowMs() - oldest.sinceMs < limits.slowAfterMs) return false;
      oldest.cutOff();
      onCutOff();
      return true;
    },
  };
}

/** Each is good until the next is asked for: then its bytes may be overwritten. */
export type Pieces = AsyncGenerator<Uint8Array, void, undefined>;

export type Body = {
  readonly pieces: Pieces;
  readonly encoding: Encoding;
  readonly headers: OutgoingHttpHeaders;
};

export type ReadingDeps = {
  readonly clock: Clock;
  /** A reader that is not done by then is cut off. */
  readonly limitMs: number;
  /** Those that read now. */
  readonly reading: Set<Reading>;
  /** Pieces could not be made, after some were sent. */
  onFailed(error: unknown): void;
};

/**
 * Answers with a body made piece by piece, as it is read: none is made before the one before it was taken by the system.
 * Resolves when the first piece is there; rejects, with nothing sent, when it cannot be made.
 */
export async function answerInPieces(response: ServerResponse, body: Body, deps: ReadingDeps): Promise<void> {
  const first = await body.pieces.next();
  if (response.destroyed) return void (await body.pieces.return());
  response.writeHead(200, body.headers);
  const own = { sinceMs: deps.clock.nowMs(), cutOff: () => void response.destroy() };
  deps.reading.add(own);
  const cancelTimer = deps.clock.after(deps.limitMs, own.cutOff);
  void writeAll(response, first, body)
    .catch((error: unknown) => {
      if (!(error instanceof ReaderGone)) deps.onFailed(error);
      response.destroy();
    })
    .finally(() => {
      cancelTimer();
      deps.reading.delete(own);
    });
}

async function writeAll(response: ServerResponse, first: IteratorResult<Uint8Array>, body: Body): Promise<void> {
  const { pieces, encoding } = body;
  const packing = packer(encoding);
  const into: Writable = packing ?? response;
  packing?.pipe(response);
  response.on('error', () => undefined);
  const closed = once(response, 'close').catch(() => undefined);
  const gone = closed.then(() => Promise.reject(new ReaderGone()));
  gone.catch(() => undefined);
  try {
    for (let piece = first; piece.done !== true; piece = await pieces.next()) {
      await Promise.race([written(into, piece.value), gone]);
    }
    into.end();
    await closed;
  } finally {
    packing?.destroy();
    await pieces.return();
  }
}

/** Until nothing of it is needed any more. */
function written(into: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    into.write(piece, (error) => (error ? reject(new ReaderGone()) : resolve()));
  });
}

/** It does not read on: its business alone. */
class ReaderGone extends Error {}
