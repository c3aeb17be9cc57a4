/** What an agent sees of the machine that it runs on, for its own metrics. */
import type { Clock } from '../contract/clock.ts';
import type { Turn, Wheel } from './wheel.ts';

export type MachineState = {
  /** By how much the latest turn of the last 10 to 20 seconds was late. */
  readonly loopDelayMs: number;
  /** Of one processor, what this process used in the last 10 to 20 seconds, all threads together. */
  readonly processorRatio: number;
  /** How long turns were late while the process did not run: the machine was busy with others. Since the start. */
  readonly unscheduledMs: number;
  /** By how much the wall clock has departed from the monotonic one since the start. */
  readonly wallDriftMs: number;
};

export type Machine = {
  readonly state: MachineState;
  stop(): void;
};

const windowMs = 10_000;
/** Timers are late by so much on an idle machine. */
const noLateMs = 2;
/** To ask the kernel takes as long as to begin an attempt: not at every turn of a thousand a second. */
const askEveryMs = 10;

type Window = { readonly sinceMs: number; readonly processorMs: number; worstMs: number };

/** `processorMs`: what all threads of this process have used since it began. */
export function watchMachine(clock: Clock, wheel: Pick<Wheel, 'onTurn'>, processorMs: () => number): Machine {
  const begin = (): Window => ({ sinceMs: clock.nowMs(), processorMs: processorMs(), worstMs: 0 });
  const startApartMs = clock.wallMs() - clock.nowMs();
  let current = begin();
  let before = current;
  let usedMs = current.processorMs;
  let askedMs = current.sinceMs;
  let unscheduledMs = 0;

  function heard({ dueMs, nowMs }: Turn): void {
    const lateMs = nowMs - dueMs;
    const isLate = lateMs > noLateMs;
    if (isLate || nowMs - askedMs >= askEveryMs) {
      const nowUsedMs = processorMs();
      if (isLate) unscheduledMs += Math.max(0, lateMs - (nowUsedMs - usedMs));
      usedMs = nowUsedMs;
      askedMs = nowMs;
    }
    current.worstMs = Math.max(current.worstMs, lateMs);
    if (nowMs - current.sinceMs < windowMs) return;
    before = current;
    current = begin();
  }

  const stop = wheel.onTurn(heard);
  return {
    get state() {
      const tookMs = clock.nowMs() - before.sinceMs;
      return {
        loopDelayMs: Math.max(before.worstMs, current.worstMs),
        processorRatio: tookMs > 0 ? (processorMs() - before.processorMs) / tookMs : 0,
        unscheduledMs,
        wallDriftMs: clock.wallMs() - clock.nowMs() - startApartMs,
      };
    },
    stop,
  };
}

/** User and system time. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
