import type { Result } from '../../contract/result.ts';
import { encode, maxFrameBytes, maxResultsPerFrame } from '../../contract/wire.ts';

/** A frame as it goes over the link: results, or the gap that is left of them. */
export type SpooledFrame = {
  readonly boot: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly text: string;
};

/** As few frames as the link allows; a frame that would be too large is halved until it is not. */
export function framesOf(boot: string, results: readonly Result[]): readonly SpooledFrame[] {
  const [first] = results;
  const last = results.at(-1);
  if (first === undefined || last === undefined) return [];
  if (results.length <= maxResultsPerFrame) {
    const text = encode({ type: 'results', boot, fromSeq: first.seq, results });
    // Half the limit: it counts bytes, and what it is measured in on the way is not ours to know.
    if (results.length === 1 || Buffer.byteLength(text) <= maxFrameBytes / 2) {
      return [{ boot, fromSeq: first.seq, toSeq: last.seq, text }];
    }
  }
  const half = Math.min(maxResultsPerFrame, Math.ceil(results.length / 2));
  return [...framesOf(boot, results.slice(0, half)), ...framesOf(boot, results.slice(half))];
}
