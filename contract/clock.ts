/** The only file that reads time. Everything else is handed a `Clock`, so a whole drill can run in simulated time. */
import { performance } from 'node:perf_hooks';

export type Clock = {
  /**
   * Milliseconds since the epoch on this process's own timeline, with fractions. It is anchored to the wall once, at
   * start, and then follows the monotonic clock: it never steps, and may drift from the wall.
   */
  nowMs(): number;
  /** What the wall clock says now, in milliseconds since the epoch. It may step; compare it with `nowMs` to notice. */
  wallMs(): number;
  /** Calls `run` once after `delayMs` (0 to 2^31 - 1) unless cancelled. It keeps the process alive until then. */
  after(delayMs: number, run: () => void): Cancel;
};

export type Cancel = () => void;

/** How a process's timeline departs from the machine's clock: for tests, and to show that bounds hold across clocks. */
export type ClockError = {
  /** Added to every instant, in milliseconds. */
  readonly offsetMs: number;
  /** How much faster than the machine's clock this one runs, in parts per million. */
  readonly driftPpm: number;
};

const exact: ClockError = { offsetMs: 0, driftPpm: 0 };

/** The machine's clock. `error` shifts and drifts it; timers are not stretched, 200 ppm of a timer is below its jitter. */
export function systemClock(error: ClockError = exact): Clock {
  const originMs = alignedOriginMs();
  const rate = 1 + error.driftPpm / 1_000_000;
  const startedMs = performance.now();
  return {
    nowMs: () => originMs + startedMs + (performance.now() - startedMs) * rate + error.offsetMs,
    wallMs: () => Date.now() + error.offsetMs,
    after(delayMs, run) {
      const timer = setTimeout(run, Math.max(0, delayMs));
      return () => clearTimeout(timer);
    },
  };
}

/** By how much a timeline is ahead of the kernel's monotonic clock, which all threads share. */
export function aheadMs(clock: Clock): number {
  return clock.nowMs() - monotonicMs();
}

/** Another thread's timeline, which is so far ahead of the kernel's monotonic clock. */
export function clockAhead(byMs: number): Clock {
  const own = systemClock();
  const apartMs = byMs - aheadMs(own);
  return { ...own, nowMs: () => own.nowMs() + apartMs };
}

/** For how long this thread's event loop has had something to do, since it began, in milliseconds. */
export function loopActiveMs(): number {
  return performance.eventLoopUtilization().active;
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000;
}

/**
 * When this process began, moved by at most half a millisecond so that whole milliseconds are those of the kernel's
 * monotonic clock. Timers count these: one for a whole millisecond then is neither early nor a whole one late.
 */
function alignedOriginMs(): number {
  // Between the two looks time passes, the first time most of all: the largest of several is nearest.
  const apartMs = Math.max(...Array.from({ length: 16 }, () => monotonicMs() - performance.now()));
  const moveMs = (apartMs % 1) - (performance.timeOrigin % 1);
  return performance.timeOrigin + moveMs - Math.round(moveMs);
}

/** Resolves after `delayMs`; rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    function stop(): void {
      cancel();
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Calls `run` every `periodMs`, each time counted from when the last call ended. Errors of `run` reach `onError`. */
export function every(
  clock: Clock,
  periodMs: number,
  run: () => void | Promise<void>,
  onError: (error: unknown) => void,
): Cancel {
  let stopped = false;
  let cancel: Cancel = () => undefined;
  const next = (): void => {
    cancel = clock.after(periodMs, () => {
      Promise.resolve()
        .then(run)
        .catch(onError)
        .finally(() => {
          if (!stopped) next();
        });
    });
  };
  next();
  return () => {
    stopped = true;
    cancel();
  };
}
