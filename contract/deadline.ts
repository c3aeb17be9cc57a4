import type { Clock } from './clock.ts';

/** Why a signal of `deadline` aborted: time was up. Told apart from an abort by the caller. */
export class DeadlineExceeded extends Error {
  readonly limitMs: number;
  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`);
    this.name = 'DeadlineExceeded';
    this.limitMs = limitMs;
  }
}

/**
 * Runs `work` under a signal that aborts after `limitMs` (reason: `DeadlineExceeded`) or with `outer`, whichever is
 * first, and waits for `work` to end in either case: nothing is left running behind the caller's back.
 */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  const cancel = clock.after(limitMs, () => inner.abort(new DeadlineExceeded(limitMs)));
  const pass = (): void => inner.abort(outer?.reason);
  if (outer?.aborted) pass();
  outer?.addEventListener('abort', pass, { once: true });
  try {
    return await work(inner.signal);
  } finally {
    cancel();
    outer?.removeEventListener('abort', pass);
  }
}
