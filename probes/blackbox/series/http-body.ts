/** The body of an answer as expressions see it: unpacked, and no longer than the module allows. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflateRaw } from 'node:zlib';
import type { HttpModule } from '../config/module.ts';
import type { Journey } from '../../http/journey.ts';

export type SeenBody = {
  readonly bytes: Buffer;
  /** As blackbox_exporter counts: what was read of it, unpacked. */
  readonly length: number;
  /** -1 for an answer whose packing the client undid by itself: its length says nothing then. */
  readonly contentLength: number;
  /** Why it could not be read to its end; the expressions fail then, too. */
  readonly failure: string | null;
  /** Why it is not packed as the module says: found before anything is read. */
  readonly mispacked: string | null;
};

type Answer = NonNullable<Journey['response']>;

/** More is never unpacked: a small answer can hold very much. */
const maxBytes = 64 * 1_048_576;

/** `asked`: whether the client asked for gzip by itself. */
export async function seenBody(answer: Answer, http: HttpModule, asked: boolean, cut: string | null): Promise<SeenBody> {
  const unseen = asked && (answer.headers.get('content-encoding')?.[0] ?? '').toLowerCase() === 'gzip';
  const first = unseen ? await unpacked('gzip', answer.body) : { bytes: answer.body, failure: null };
  const contentLength = unseen ? -1 : answer.contentLength;
  const packing = http.compression.toLowerCase();
  if (packing === '' || packing === 'identity') {
    const length = unseen ? first.bytes.length : answer.uncompressedBytes;
    return limited({ ...first, length, contentLength, failure: first.failure ?? cut, mispacked: null }, http);
  }
  if (packing === 'gzip' && !(first.bytes[0] === 0x1f && first.bytes[1] === 0x8b)) {
    const length = first.bytes.length;
    const mispacked = first.bytes.length === 0 ? 'EOF' : 'gzip: invalid header';
    return limited({ ...first, length, contentLength, failure: first.failure ?? cut, mispacked }, http);
  }
  const second = await unpacked(packing, first.bytes);
  return limited({ ...second, length: second.bytes.length, contentLength, failure: second.failure ?? cut, mispacked: null }, http);
}

function limited(seen: SeenBody, { bodySizeLimitBytes: limit }: HttpModule): SeenBody {
  if (limit <= 0 || seen.length <= limit) return seen;
  return { ...seen, bytes: seen.bytes.subarray(0, limit), length: limit, failure: 'http: request body too large' };
}

const unpackers = { gzip: promisify(gunzip), br: promisify(brotliDecompress), deflate: promisify(inflateRaw) };

async function unpacked(packing: string, bytes: Buffer): Promise<{ bytes: Buffer; failure: string | null }> {
  const unpack = unpackers[packing as keyof typeof unpackers];
  if (unpack === undefined) return { bytes: Buffer.alloc(0), failure: `unsupported compression algorithm ${packing}` };
  try {
    return { bytes: await unpack(bytes, { maxOutputLength: maxBytes }), failure: null };
  } catch (error) {
    return { bytes: Buffer.alloc(0), failure: error instanceof Error ? error.message : String(error) };
  }
}
