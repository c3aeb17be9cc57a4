/** How much this machine lets itself be trusted: stalls of the event loop, and a clock that jumped. */
import type { Cancel, Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Quality } from '../contract/result.ts';

export type QualityWatch = {
  /** Of an attempt that was due then and began then, and ends now. */
  of(attempt: { readonly dueMs: number; readonly startMs: number }): Quality;
  /** What makes the sample a bad one; `undefined` when it is to be trusted. */
  flaw(attempt: { readonly startMs: number }, quality: Quality): string | undefined;
  stop(): void;
};

const tickMs = 20;
/** Below this a delay is not worth remembering; it is what timers are late by on an idle machine. */
const notedDelayMs = 2;
const maxNoted = 1_000;
/** An attempt measured across a stall of this length says more about the machine than about its target. */
export const worstLoopDelayMs = 200;
/** Between two ticks the wall and the monotonic clock agree to this, unless one was set or the machine was asleep. */
export const worstJumpMs = 500;

type Noted = { readonly atMs: number; readonly delayMs: number };

export function qualityWatch(clock: Clock, log: Log): QualityWatch {
  let noted: Noted[] = [];
  let jumpedAtMs = Number.NEGATIVE_INFINITY;
  let apartMs = clock.wallMs() - clock.nowMs();
  let dueMs = 0;
  let cancel: Cancel = () => undefined;

  function arm(): void {
    dueMs = clock.nowMs() + tickMs;
    cancel = clock.after(tickMs, tick);
  }
  function tick(): void {
    const nowMs = clock.nowMs();
    const delayMs = nowMs - dueMs;
    if (delayMs > notedDelayMs) noted.push({ atMs: nowMs, delayMs });
    if (noted.length > maxNoted) noted = noted.slice(-maxNoted / 2);
    noticeJump(nowMs);
    arm();
  }
  function noticeJump(nowMs: number): void {
    const nowApartMs = clock.wallMs() - nowMs;
    const jumpMs = nowApartMs - apartMs;
    apartMs = nowApartMs;
    if (Math.abs(jumpMs) <= worstJumpMs) return;
    jumpedAtMs = nowMs;
    log.warn({ jumpMs: Math.round(jumpMs) }, 'the wall clock was set, or the machine was suspended');
  }
  function worstSince(startMs: number): number {
    const nowMs = clock.nowMs();
    // A tick that is overdue right now belongs to a stall that the next tick will note.
    let worstMs = Math.max(0, nowMs - dueMs);
    for (let index = noted.length - 1; index >= 0; index -= 1) {
      const stall = noted[index];
      if (stall === undefined || stall.atMs < startMs) break;
      worstMs = Math.max(worstMs, stall.delayMs);
    }
    return worstMs;
  }

  arm();
  return {
    of: (attempt) => ({
      lateMs: Math.max(0, attempt.startMs - attempt.dueMs),
      loopDelayMs: worstSince(attempt.startMs),
    }),
    flaw(attempt, quality) {
      noticeJump(clock.nowMs());
      if (jumpedAtMs >= attempt.startMs) return 'bad sample: the clock jumped while the attempt ran';
      return quality.loopDelayMs > worstLoopDelayMs
        ? `bad sample: the agent stood still for ${Math.round(quality.loopDelayMs)} ms, want at most ${worstLoopDelayMs} ms`
        : undefined;
    },
    stop: () => cancel(),
  };
}
