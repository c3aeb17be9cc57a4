/** What an answer means for the request, by the specification of remote write. Pure. */
import type { Answer } from './post.ts';
import type { QueuedRequest } from './queue-rows.ts';

export type Meaning =
  /** It is there; `lost` of its samples are not. */
  | { readonly kind: 'written'; readonly lost: number }
  /** Worth another try. `afterMs`: not before. */
  | { readonly kind: 'again'; readonly afterMs: number; readonly why: string }
  /** It never will be taken. */
  | { readonly kind: 'refused'; readonly lost: number; readonly why: string };

/** A receiver may ask for patience, but not for ever. */
const longestAfterMs = 600_000;

export function meaningOf(
  answer: Answer,
  request: Pick<QueuedRequest, 'version' | 'samples' | 'histograms'>,
  wallMs: number,
): Meaning {
  const { status, headers, text } = answer;
  const points = request.samples + request.histograms;
  const said = text.trim().split('\n')[0] ?? '';
  const why = said === '' ? `status ${status}` : `status ${status}: ${said}`;
  if (status >= 500 || status === 429)
    return { kind: 'again', afterMs: retryAfterMs(headers['retry-after'], wallMs), why };
  const written = request.version === 2 ? writtenOf(headers) : undefined;
  if (status < 200 || status >= 300) return { kind: 'refused', lost: points - Math.min(points, written ?? 0), why };
  if (request.version === 1) return { kind: 'written', lost: 0 };
  // A receiver of version 1 alone may answer 2xx to what it cannot read: to the sender that is a 415.
  if (written === undefined && points > 0) {
    return {
      kind: 'refused',
      lost: points,
      why: `status ${status} without X-Prometheus-Remote-Write-Samples-Written: the receiver does not know version 2.0`,
    };
  }
  return { kind: 'written', lost: Math.max(0, points - (written ?? 0)) };
}

/** Samples and histograms that the receiver says it wrote; `undefined` when it says nothing. */
function writtenOf(headers: Answer['headers']): number | undefined {
  const counts = ['samples', 'histograms'].map((kind) => headers[`x-prometheus-remote-write-${kind}-written`]);
  if (counts.every((count) => count === undefined)) return undefined;
  return counts.reduce((sum: number, count) => {
    const number = Number(count ?? 0);
    return Number.isInteger(number) && number > 0 ? sum + number : sum;
  }, 0);
}

/** Seconds, or a date. */
function retryAfterMs(header: string | string[] | undefined, wallMs: number): number {
  if (typeof header !== 'string') return 0;
  const afterMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - wallMs;
  return Number.isNaN(afterMs) ? 0 : Math.min(longestAfterMs, Math.max(0, afterMs));
}

const firstMs = 30;
const mostMs = 5_000;

/** How long to wait before try `tries` + 1: doubling, and spread so that shards do not come all at once. */
export function backoffMs(tries: number, afterMs: number, chance: number): number {
  const doubledMs = Math.min(mostMs, firstMs * 2 ** Math.min(tries - 1, 20));
  return Math.max(afterMs, 0) + doubledMs * (0.5 + chance / 2);
}
