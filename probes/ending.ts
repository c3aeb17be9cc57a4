import type { Cancel, Clock } from '../contract/clock.ts';
import { DeadlineExceeded } from '../contract/deadline.ts';
import { takeOut } from './under-way.ts';

/**
 * What tells those who work on an attempt that it is over: as much of an `AbortSignal` as they need. A signal itself
 * would cost more than a DNS question.
 */
export type Ending = {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

export type OwnEnding = Ending & { end(reason: Error): void };

/** Ends once; each listener hears of it once. */
export function ending(): OwnEnding {
  return new AttemptEnding();
}

class AttemptEnding implements OwnEnding {
  aborted = false;
  reason: unknown = undefined;
  /** Mostly there is one at a time, so a list is made for the second. */
  #only: (() => void) | undefined;
  #more: (() => void)[] | undefined;

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted) return;
    if (this.#only === undefined) {
      this.#only = listener;
    } else {
      this.#more ??= [];
      this.#more.push(listener);
    }
  }
  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#only === listener) this.#only = undefined;
    else if (this.#more !== undefined) takeOut(this.#more, listener);
  }
  end(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = [...(this.#only === undefined ? [] : [this.#only]), ...(this.#more ?? [])];
    this.#only = undefined;
    this.#more = undefined;
    for (const listener of listeners) listener();
  }
}

/** Ends after `limitMs` (reason: `DeadlineExceeded`) or with `outer`, whichever is first, unless it is called off. */
export function endingWithin(
  timers: Pick<Clock, 'after'>,
  limitMs: number,
  outer: Ending | undefined,
): { readonly ending: OwnEnding; readonly callOff: Cancel } {
  const inner = ending();
  if (outer?.aborted) {
    inner.end(outer.reason as Error);
    return { ending: inner, callOff: () => undefined };
  }
  const cancel = timers.after(limitMs, () => inner.end(new DeadlineExceeded(limitMs)));
  if (outer === undefined) return { ending: inner, callOff: cancel };
  const pass = (): void => inner.end(outer.reason as Error);
  outer.addEventListener('abort', pass);
  return {
    ending: inner,
    callOff() {
      cancel();
      outer.removeEventListener('abort', pass);
    },
  };
}
