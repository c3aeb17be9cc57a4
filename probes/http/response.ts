/**
 * Reads one response from a stream of bytes, whoever sends them: bounded, and sure of where it ends. The pieces are not
 * kept: what of them is needed later is copied.
 */
import { type BodyReader, bodyReader, type Keeper, maxBodyBytes, type Step } from './body.ts';
import { type Framing, framingOf, type Head, type Mistake, maxHeadBytes, parseHead, staysOpen } from './head.ts';

export type HttpResponse = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The first 64 KiB. */
  readonly body: Buffer;
  /** Whether another request may follow on this connection. */
  readonly reusable: boolean;
};

export type Progress = 'more' | { readonly response: HttpResponse } | Mistake;

export type ResponseReader = {
  feed(chunk: Buffer): Progress;
  /** The other side has closed: some bodies end so. */
  end(): Progress;
};

/** 103 and its like may come before the answer; more than this is a trick. */
const maxInterim = 8;
const headEnd = Buffer.from('\r\n\r\n');

/** For who wants more of an answer than `HttpResponse` says. */
export type Begun = {
  readonly head: Head;
  readonly framing: Framing;
  /** Every header as it came, its name in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What came behind the head with it. */
  readonly rest: Buffer;
};

/** `onHead` is told the head of the answer, and says who keeps its body; `stop` to read none of it. */
export function responseReader(method: string, onHead?: (begun: Begun) => Keeper | 'stop'): ResponseReader {
  const held = growingBuffer();
  let searchedBytes = 0;
  let interim = 0;
  let begun: { readonly head: Head; readonly body: BodyReader; readonly staysOpen: boolean } | undefined;

  function feed(chunk: Buffer): Progress {
    return begun === undefined ? feedHead(chunk) : progressOf(begun.body.feed(chunk));
  }

  function feedHead(chunk: Buffer): Progress {
    const bytes = held.with(chunk);
    if (!startsAsHttp(bytes)) {
      return { mistake: `status line: got ${JSON.stringify(bytes.toString('latin1', 0, 40))}, want HTTP/1.1` };
    }
    // Only what is new, and the three bytes that an end may have begun in.
    const end = bytes.indexOf(headEnd, Math.max(0, searchedBytes - 3));
    searchedBytes = bytes.length;
    if ((end === -1 ? bytes.length : end) > maxHeadBytes) {
      return { mistake: `headers: got more than ${maxHeadBytes} bytes of them` };
    }
    if (end === -1) held.keep(bytes);
    return end === -1 ? 'more' : begin(bytes.toString('latin1', 0, end), bytes.subarray(end + 4));
  }

  function begin(text: string, rest: Buffer): Progress {
    const fields: [string, string][] = [];
    const head = parseHead(text, onHead && ((name, value) => fields.push([name, value])));
    if ('mistake' in head) return head;
    if (head.status === 101) return { mistake: 'status: got 101 without having asked to switch protocols' };
    if (head.status < 200) {
      interim += 1;
      if (interim > maxInterim) return { mistake: `got ${interim} interim answers, want at most ${maxInterim}` };
      held.clear();
      searchedBytes = 0;
      return rest.length === 0 ? 'more' : feedHead(rest);
    }
    const framing = framingOf(head, method);
    if ('mistake' in framing) return framing;
    const stays = staysOpen(head, framing);
    if (onHead === undefined && framing.framing === 'length' && framing.bytes <= Math.min(rest.length, maxBodyBytes)) {
      return whole(head, Buffer.from(rest.subarray(0, framing.bytes)), stays && rest.length === framing.bytes);
    }
    const keeper = onHead?.({ head, framing, fields, rest });
    const read = keeper === 'stop' ? bodyReader({ framing: 'none' }) : bodyReader(framing, keeper);
    begun = { head, body: read, staysOpen: stays };
    if (keeper === 'stop') return progressOf(read.feed(rest));
    const atOnce = framing.framing === 'none' || (framing.framing === 'length' && framing.bytes === 0);
    return rest.length === 0 && !atOnce ? 'more' : progressOf(read.feed(rest));
  }

  function progressOf(step: Step): Progress {
    if (step === 'more' || begun === undefined) return 'more';
    if ('mistake' in step) return step;
    const { head, body } = begun;
    // Bytes behind the end belong to no request of ours: that connection is not to be trusted any more.
    const reusable = begun.staysOpen && step.restBytes === 0 && !body.cut;
    return whole(head, body.kept, reusable);
  }

  return {
    feed,
    end: () =>
      begun === undefined
        ? { mistake: `headers: got ${held.bytes} bytes before the close, want all of them` }
        : progressOf(begun.body.end()),
  };
}

function startsAsHttp(bytes: Buffer): boolean {
  return 'HTTP/1.'.startsWith(bytes.toString('latin1', 0, 7));
}

function whole({ status, headers }: Head, body: Buffer, reusable: boolean): Progress {
  return { response: { status, headers, body, reusable } };
}

type GrowingBuffer = {
  /** All that was kept and what comes now: good until the next call. */
  with(chunk: Buffer): Buffer;
  /** Of what `with` returned. */
  keep(bytes: Buffer): void;
  clear(): void;
  readonly bytes: number;
};

/** Bytes that come in pieces, joined without copying all of them again for each piece. Mostly there is only one. */
function growingBuffer(): GrowingBuffer {
  let room: Buffer | undefined;
  let used = 0;
  return {
    with(chunk) {
      if (used === 0 || room === undefined) return chunk;
      if (used + chunk.length > room.length) {
        const larger = Buffer.allocUnsafe(2 * (used + chunk.length));
        room.copy(larger, 0, 0, used);
        room = larger;
      }
      chunk.copy(room, used);
      return room.subarray(0, used + chunk.length);
    },
    keep(bytes) {
      if (used === 0) room = Buffer.from(bytes);
      used = bytes.length;
    },
    clear() {
      room = undefined;
      used = 0;
    },
    get bytes() {
      return used;
    },
  };
}
