/** Reading a body to its end, however that is marked, keeping no more than a bound. */
import { type Framing, type Mistake, splitHeader } from './head.ts';

/** What is kept of a body. One that goes on behind it is not read any further. */
export const maxBodyBytes = 65_536;
const maxSizeLine = 1_024;
const maxTrailerBytes = 8_192;

/** `restBytes`: how many bytes at the end of the last chunk are behind the body. */
export type Step = 'more' | { readonly done: true; readonly restBytes: number } | Mistake;

export type BodyReader = {
  feed(chunk: Buffer): Step;
  /** The other side has closed. */
  end(): Step;
  readonly kept: Buffer;
  /** Whether the body went on behind what was kept. */
  readonly cut: boolean;
};

/** What becomes of a body's bytes. */
export type Keeper = { add(bytes: Buffer): void; readonly kept: Buffer; readonly cut: boolean };

export function bodyReader(framing: Framing, keeper: Keeper = bodyKeeper()): BodyReader {
  const steps = stepsOf(framing, keeper);
  return {
    feed(chunk) {
      const step = steps.feed(chunk);
      // Nobody asks for more than is kept, so an endless body ends here and costs nothing further.
      return step === 'more' && keeper.cut ? { done: true, restBytes: 0 } : step;
    },
    end: steps.end,
    get kept() {
      return keeper.kept;
    },
    get cut() {
      return keeper.cut;
    },
  };
}

type Steps = Pick<BodyReader, 'feed' | 'end'>;

function stepsOf(framing: Framing, keeper: Keeper): Steps {
  switch (framing.framing) {
    case 'none':
      return { feed: (chunk) => ({ done: true, restBytes: chunk.length }), end: () => ({ done: true, restBytes: 0 }) };
    case 'length':
      return byLength(framing.bytes, keeper);
    case 'chunked':
      return byChunks(keeper);
    case 'close':
      return {
        feed(chunk) {
          keeper.add(chunk);
          return 'more';
        },
        end: () => ({ done: true, restBytes: 0 }),
      };
  }
}

function byLength(wantBytes: number, keeper: Keeper): Steps {
  let gotBytes = 0;
  return {
    feed(chunk) {
      const mine = chunk.subarray(0, wantBytes - gotBytes);
      gotBytes += mine.length;
      keeper.add(mine);
      return gotBytes === wantBytes ? { done: true, restBytes: chunk.length - mine.length } : 'more';
    },
    end: () => ({ mistake: `body: got ${gotBytes} bytes before the close, want ${wantBytes}` }),
  };
}

type ChunkState =
  | { readonly in: 'size' }
  | { readonly in: 'data'; readonly leftBytes: number }
  | { readonly in: 'data-end' }
  | { readonly in: 'trailers' };

function byChunks(keeper: Keeper): Steps {
  let state: ChunkState = { in: 'size' };
  let line = '';
  let trailerBytes = 0;
  /** One whole line, or `undefined` until the rest of it has come. */
  function takeLine(chunk: Buffer, from: number): { readonly text: string; readonly next: number } | undefined {
    const end = chunk.indexOf(10, from);
    line += chunk.toString('latin1', from, end === -1 ? Math.min(chunk.length, from + maxTrailerBytes + 2) : end + 1);
    if (end === -1) return undefined;
    const text = line;
    line = '';
    return { text, next: end + 1 };
  }

  function afterLine(text: string): 'done' | Mistake | undefined {
    if (!text.endsWith('\r\n')) return { mistake: 'chunk: got a line without CRLF at its end' };
    const bare = text.slice(0, -2);
    if (state.in === 'trailers') {
      trailerBytes += text.length;
      if (bare === '') return 'done';
      return splitHeader(bare) === undefined
        ? { mistake: `trailer: got ${JSON.stringify(bare.slice(0, 40))}, want name: value` }
        : undefined;
    }
    if (state.in === 'data-end') {
      state = { in: 'size' };
      return bare === '' ? undefined : { mistake: 'chunk: got data behind its end, want CRLF' };
    }
    const leftBytes = chunkSize(bare);
    if (leftBytes === undefined) {
      return { mistake: `chunk size: got ${JSON.stringify(bare.slice(0, 40))}, want a hex number` };
    }
    state = leftBytes === 0 ? { in: 'trailers' } : { in: 'data', leftBytes };
    return undefined;
  }

  return {
    feed(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (state.in === 'data') {
          const mine = chunk.subarray(at, at + state.leftBytes);
          keeper.add(mine);
          at += mine.length;
          const leftBytes: number = state.leftBytes - mine.length;
          state = leftBytes === 0 ? { in: 'data-end' } : { in: 'data', leftBytes };
          if (keeper.cut) break;
          continue;
        }
        const taken = takeLine(chunk, at);
        const limit = state.in === 'trailers' ? maxTrailerBytes - trailerBytes : maxSizeLine;
        if ((taken?.text ?? line).length > limit) return { mistake: `chunk: got a line of more than ${limit} bytes` };
        if (taken === undefined) return 'more';
        at = taken.next;
        const after = afterLine(taken.text);
        if (after === 'done') return { done: true, restBytes: chunk.length - at };
        if (after !== undefined) return after;
      }
      return 'more';
    },
    end: () => ({ mistake: 'body: got the close before the last chunk' }),
  };
}

/** Of at most twelve digits: more would be no exact number. Extensions are passed over. */
function chunkSize(line: string): number | undefined {
  const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line)?.[1];
  return size === undefined ? undefined : Number.parseInt(size, 16);
}

function bodyKeeper(): Keeper {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  return {
    add(piece) {
      const fits = piece.subarray(0, maxBodyBytes - bytes);
      if (fits.length > 0) pieces.push(Buffer.from(fits));
      bytes += fits.length;
      if (fits.length < piece.length) cut = true;
    },
    get kept() {
      const [only] = pieces;
      return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
    },
    get cut() {
      return cut;
    },
  };
}
