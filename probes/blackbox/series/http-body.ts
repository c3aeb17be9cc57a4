/** The body of an answer as expressions see it: unpacked, and no longer than the module allows. */

import type { Ending } from '../../ending.ts';
import { maxKeptBytes } from '../../http/journey/sink.ts';
import { type Packing, unpack } from '../../http/journey/unpack.ts';
import type { Journey } from '../../http/journey.ts';
import type { HttpModule } from '../config/module.ts';

export type SeenBody = {
  readonly bytes: Buffer;
  /** As blackbox_exporter counts: what was read of it, unpacked. */
  readonly length: number;
  /** Why it could not be read to its end; the expressions fail then, too. */
  readonly failure: string | null;
  /** Why it is not packed as the module says, found before anything is read of it. */
  readonly mispacked: string | null;
};

type Answer = NonNullable<Journey['response']>;

const packings: readonly Packing[] = ['gzip', 'br', 'deflate'];
/** More than this of one answer is not unpacked. */
const maxUnpackedBytes = 1_073_741_824;
/** blackbox_exporter's reader takes so much of a body to find that it is not gzip; the rest of it is read after that. */
const lookedAtBytes = 4_096;

/** `cut`: why the body did not come whole. */
export async function seenBody(
  answer: Answer,
  http: HttpModule,
  cut: string | null,
  ending: Ending,
): Promise<SeenBody> {
  const packing = packings.find((one) => one === http.compression.toLowerCase());
  const asItCame = { bytes: answer.body, length: answer.uncompressedBytes, failure: cut, mispacked: null };
  if (packing === undefined) return limited(asItCame, http);
  if (packing === 'gzip' && !(answer.body[0] === 0x1f && answer.body[1] === 0x8b)) {
    const mispacked = answer.body.length === 0 ? 'EOF' : 'gzip: invalid header';
    return limited({ ...asItCame, length: Math.max(0, asItCame.length - lookedAtBytes), mispacked }, http);
  }
  const { bodySizeLimitBytes: limit } = http;
  const stopBytes = limit > 0 ? Math.min(limit + 1, maxUnpackedBytes) : maxUnpackedBytes;
  const bounds = { keepBytes: maxKeptBytes, stopBytes, strict: true };
  const { body, failure } = await unpack(answer.body, packing, bounds, ending);
  const why = failure?.reason ?? (body.cut ? `more than ${maxUnpackedBytes} bytes` : cut);
  return limited({ bytes: body.kept, length: body.bytes, failure: why, mispacked: null }, http);
}

function limited(seen: SeenBody, { bodySizeLimitBytes: limit }: HttpModule): SeenBody {
  if (limit <= 0 || seen.length <= limit) return seen;
  return { ...seen, bytes: seen.bytes.subarray(0, limit), length: limit, failure: 'http: request body too large' };
}
