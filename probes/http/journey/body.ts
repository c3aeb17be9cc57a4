/** The body of a journey's answer: as it came, and unpacked. */
import type { Ending } from '../../ending.ts';
import type { Failure } from '../../prober.ts';
import type { AnswerHead } from './answer.ts';
import { maxKeptBytes, type Sink, sink } from './sink.ts';
import { type Packing, unpack } from './unpack.ts';

export type BodyTerms = {
  readonly compression: Packing | 'identity' | null;
  /** Unpacked whatever the answer says it is, as blackbox_exporter does; and nothing is asked for. */
  readonly compressionAssumed: boolean;
  /** More than this, unpacked, is a failure. */
  readonly bodyLimitBytes: number | null;
  /** What comes behind this is not read, and that is no failure. */
  readonly bodyEnoughBytes: number | null;
};

export type AnswerBody = {
  readonly body: Buffer;
  readonly bodyBytes: number;
  readonly uncompressedBytes: number;
  readonly bodyTooLarge: boolean;
  readonly whole: boolean;
  readonly failure: Failure | null;
};

/** Where nobody says how large it may be, unpacking stops here: a small answer must not keep a processor busy for long. */
const maxUnpackedBytes = 256 * 1024 * 1024;

export function bodySink(terms: BodyTerms, head: AnswerHead): Sink {
  // What is packed has to be held whole before it is undone.
  if (packingOf(terms, head) !== null) return sink(maxKeptBytes, maxKeptBytes);
  const stopBytes = stopOf(terms);
  return sink(Math.min(maxKeptBytes, stopBytes), stopBytes);
}

/** `came`: what a sink of `bodySink` took up to the answer's end. */
export async function bodyOf(
  terms: BodyTerms,
  head: AnswerHead,
  came: Sink,
  method: string,
  signal: Ending,
): Promise<AnswerBody> {
  const packing = packingOf(terms, head);
  const hasNone = method === 'HEAD' || came.bytes === 0;
  if (packing === null || (hasNone && !terms.compressionAssumed)) return judged(terms, came, came.bytes, stopOf(terms));
  if (came.cut) {
    return none(came, { failedAt: 'answer', reason: `body: got more than ${maxKeptBytes} bytes of ${packing}` });
  }
  const stopBytes = Math.min(maxUnpackedBytes, stopOf(terms));
  const bounds = { keepBytes: Math.min(maxKeptBytes, stopBytes), stopBytes, strict: terms.compressionAssumed };
  const { body, failure } = await unpack(came.kept, packing, bounds, signal);
  if (failure !== null) return { ...none(came, failure), uncompressedBytes: body.bytes };
  return judged(terms, body, came.bytes, stopBytes);
}

/** Of an answer whose body was not read. */
export const noBody: Omit<AnswerBody, 'failure'> = {
  ...{ body: Buffer.alloc(0), bodyBytes: 0, uncompressedBytes: 0 },
  ...{ bodyTooLarge: false, whole: false },
};

/** Of an answer that broke off. */
export function brokenBody(terms: BodyTerms, head: AnswerHead, came: Sink): Omit<AnswerBody, 'failure'> {
  if (packingOf(terms, head) !== null) return none(came, null);
  const { kept, bytes } = came;
  return { body: kept, bodyBytes: bytes, uncompressedBytes: bytes, bodyTooLarge: false, whole: false };
}

function judged(terms: BodyTerms, body: Sink, bodyBytes: number, stopBytes: number): AnswerBody {
  const limit = terms.bodyLimitBytes;
  const bodyTooLarge = body.cut && limit !== null && stopBytes === limit;
  const over = body.cut && stopBytes !== terms.bodyEnoughBytes;
  const reason = `body: got more than ${stopBytes} bytes, want at most so many`;
  const failure = over ? ({ failedAt: 'answer', reason } as const) : null;
  const whole = !body.cut && body.kept.length === body.bytes;
  return { body: body.kept, bodyBytes, uncompressedBytes: body.bytes, bodyTooLarge, whole, failure };
}

function none(came: Sink, failure: Failure | null): AnswerBody {
  return { ...noBody, bodyBytes: came.bytes, failure };
}

function stopOf({ bodyLimitBytes, bodyEnoughBytes }: BodyTerms): number {
  return Math.min(bodyLimitBytes ?? Number.POSITIVE_INFINITY, bodyEnoughBytes ?? Number.POSITIVE_INFINITY);
}

function packingOf({ compression, compressionAssumed }: BodyTerms, head: AnswerHead): Packing | null {
  if (compression === null || compression === 'identity') return null;
  if (compressionAssumed) return compression;
  const said = (head.headers.get('content-encoding') ?? []).join(',').trim().toLowerCase();
  return said === compression || (said === 'x-gzip' && compression === 'gzip') ? compression : null;
}
