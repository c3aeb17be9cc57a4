/** How much this machine lets itself be trusted: stalls of the event loop, and a clock that jumped. */
import type { Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Quality } from '../contract/result.ts';
import { type Turn, type Wheel, wheelOn } from './wheel.ts';

export type QualityWatch = {
  /** Whether there are attempts now. Without, stalls need not be noticed as closely. */
  attend(isNeeded: boolean): void;
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
  /** It failed at the name or the connection: no target has heard of it. */
  readonly unheard?: boolean;
};

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
/** A stall of this length is a machine that was suspended, where the monotonic clock goes on meanwhile. */
const asleepMs = 10_000;
/** A machine that wakes has its network back later than its programs. */
const awakeMs = 15_000;

type Noted = { readonly atMs: number; readonly delayMs: number };

/** Hears from the wheel how late its turns are. */
export function qualityWatch(clock: Clock, log: Log, wheel: Wheel = wheelOn(clock)): QualityWatch {
  let noted: Noted[] = [];
  let jumpedAtMs = Number.NEGATIVE_INFINITY;
  let wokeAtMs = Number.NEGATIVE_INFINITY;
  let apartMs = clock.wallMs() - clock.nowMs();

  function note({ dueMs, nowMs }: Turn): void {
    const delayMs = nowMs - dueMs;
    if (delayMs > notedDelayMs) noted.push({ atMs: nowMs, delayMs });
    if (delayMs > asleepMs) wokeAtMs = nowMs;
    if (noted.length > maxNoted) noted = noted.slice(-maxNoted / 2);
    noticeJump(nowMs);
  }
  function noticeJump(nowMs: number): void {
    const nowApartMs = clock.wallMs() - nowMs;
    const jumpMs = nowApartMs - apartMs;
    apartMs = nowApartMs;
    if (Math.abs(jumpMs) <= worstJumpMs) return;
    jumpedAtMs = nowMs;
    wokeAtMs = nowMs;
    log.warn({ jumpMs: Math.round(jumpMs) }, 'the wall clock was set, or the machine was suspended');
  }
  /** Each stall only as far as it lies behind the start: what was over before says nothing about the attempt. */
  function stallsSince(startMs: number, nowMs: number): Stalls {
    // A turn that is overdue right now belongs to a stall that the next turn will note.
    const overdueMs = Math.min(nowMs - wheel.nextTurnMs, nowMs - startMs);
    const stalls = { worstMs: Math.max(0, overdueMs), totalMs: overdueMs > notedDelayMs ? overdueMs : 0 };
    for (let index = noted.length - 1; index >= 0; index -= 1) {
      const { atMs, delayMs } = noted[index] as Noted;
      if (atMs < startMs) break;
      const behindMs = Math.min(delayMs, atMs - startMs);
      stalls.worstMs = Math.max(stalls.worstMs, behindMs);
      if (behindMs > notedDelayMs) stalls.totalMs += behindMs;
    }
    return stalls;
  }

  const cancel = wheel.onTurn(note);
  return {
    attend: wheel.attend,
    of: (attempt) => ({
      lateMs: Math.max(0, attempt.startMs - attempt.dueMs),
      loopDelayMs: stallsSince(attempt.startMs, clock.nowMs()).worstMs,
    }),
    flaw(attempt, quality) {
      const nowMs = clock.nowMs();
      noticeJump(nowMs);
      if (jumpedAtMs >= attempt.startMs) return 'bad sample: the clock jumped while the attempt ran';
      if (attempt.unheard === true && nowMs - wokeAtMs < awakeMs) {
        return 'bad sample: the machine was suspended a moment ago, and its network may not be back';
      }
      if (quality.loopDelayMs > worstLoopDelayMs) {
        return `bad sample: the agent stood still for ${Math.round(quality.loopDelayMs)} ms, want at most ${worstLoopDelayMs} ms`;
      }
      const { totalMs } = stallsSince(attempt.startMs, nowMs);
      const allowedMs = allowedBlockedMs(attempt, nowMs);
      return totalMs > allowedMs
        ? `bad sample: the agent was kept from its work for ${Math.round(totalMs)} ms, want at most ${Math.round(allowedMs)} ms`
        : undefined;
    },
    stop: cancel,
  };
}

type Stalls = { worstMs: number; totalMs: number };

/** How long the agent may have been kept from its work while the attempt ran. */
function allowedBlockedMs({ startMs, timedOutAfterMs }: Attempted, nowMs: number): number {
  if (timedOutAfterMs !== undefined) return timedOutAfterMs * worstAbsentRatio;
  return Math.max(leastBlockedMs, (nowMs - startMs) * worstBlockedRatio);
}
