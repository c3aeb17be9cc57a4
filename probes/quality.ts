/** How much this machine lets itself be trusted: stalls of the event loop, and a clock that jumped. */
import type { Cancel, Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Quality } from '../contract/result.ts';

export type QualityWatch = {
  /** Of an attempt that was due then and began then, and ends now. */
  of(attempt: { readonly dueMs: number; readonly startMs: number }): Quality;
  /** What makes the sample a bad one; `undefined` when it is to be trusted. */
  flaw(attempt: Attempted, quality: Quality): string | undefined;
  stop(): void;
};

/** An attempt that ends now. */
export type Attempted = {
  readonly startMs: number;
  /** The time that it had and used up; absent when it ended by itself. */
  readonly timedOutAfterMs?: number;
};

const tickMs = 20;
/** Below this a delay is not worth remembering; it is what timers are late by on an idle machine. */
const notedDelayMs = 2;
const maxNoted = 1_000;
/** An attempt measured across a stall of this length says more about the machine than about its target. */
export const worstLoopDelayMs = 200;
/** Stalls too short to count alone: where they take this share of an attempt's time the agent is saturated. */
const worstBlockedRatio = 0.5;
/** Less than this is no saturation, however short the attempt was. */
const leastBlockedMs = 50;
/** A time-out says that the target had its whole time. It hadn't when the agent itself was absent for this share of it. */
const worstAbsentRatio = 0.25;
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
  function stallsSince(startMs: number): Stalls {
    const nowMs = clock.nowMs();
    const since = noted.slice(noted.findLastIndex(({ atMs }) => atMs < startMs) + 1);
    // A tick that is overdue right now belongs to a stall that the next tick will note.
    return stallsIn([...since, { atMs: nowMs, delayMs: nowMs - dueMs }], startMs);
  }

  arm();
  return {
    of: (attempt) => ({
      lateMs: Math.max(0, attempt.startMs - attempt.dueMs),
      loopDelayMs: stallsSince(attempt.startMs).worstMs,
    }),
    flaw(attempt, quality) {
      noticeJump(clock.nowMs());
      if (jumpedAtMs >= attempt.startMs) return 'bad sample: the clock jumped while the attempt ran';
      if (quality.loopDelayMs > worstLoopDelayMs) {
        return `bad sample: the agent stood still for ${Math.round(quality.loopDelayMs)} ms, want at most ${worstLoopDelayMs} ms`;
      }
      const { totalMs } = stallsSince(attempt.startMs);
      const allowedMs = allowedBlockedMs(attempt, clock.nowMs());
      return totalMs > allowedMs
        ? `bad sample: the agent was kept from its work for ${Math.round(totalMs)} ms, want at most ${Math.round(allowedMs)} ms`
        : undefined;
    },
    stop: () => cancel(),
  };
}

type Stalls = { readonly worstMs: number; readonly totalMs: number };

/** Each only as far as it lies behind the start: what was over before says nothing about the attempt. */
function stallsIn(noted: readonly Noted[], startMs: number): Stalls {
  const delays = noted.map(({ atMs, delayMs }) => Math.max(0, Math.min(delayMs, atMs - startMs)));
  const worstMs = delays.reduce((worst, delayMs) => Math.max(worst, delayMs), 0);
  const totalMs = delays.reduce((sum, delayMs) => sum + (delayMs > notedDelayMs ? delayMs : 0), 0);
  return { worstMs, totalMs };
}

/** How long the agent may have been kept from its work while the attempt ran. */
function allowedBlockedMs({ startMs, timedOutAfterMs }: Attempted, nowMs: number): number {
  if (timedOutAfterMs !== undefined) return timedOutAfterMs * worstAbsentRatio;
  return Math.max(leastBlockedMs, (nowMs - startMs) * worstBlockedRatio);
}
