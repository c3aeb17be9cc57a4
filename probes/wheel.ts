/**
 * One timer for all that is due. What falls on the same instant begins in one turn, in the order in which it was asked
 * for: an agent wakes up a few dozen times a second however many checks it has, and each keeps its place in its turn.
 */
import type { Cancel, Clock } from '../contract/clock.ts';

export type Wheel = {
  /** Calls `run` once, at `atMs` or as soon after it as the machine allows, never before. */
  at(atMs: number, run: () => void): Cancel;
  /**
   * Calls `heard` after each turn. While anybody hears there is a turn at least every `quietMs`: one that comes late
   * tells of a stall.
   */
  onTurn(heard: (turn: Turn) => void): Cancel;
  /** Makes the turn that is due, if one is. For whoever has just done what takes long, with more of it waiting. */
  look(): void;
  /** When the next turn is due, or was. */
  readonly nextTurnMs: number;
};

/** When it was due, and when it began. */
export type Turn = { readonly dueMs: number; readonly nowMs: number };

const quietMs = 20;
/** A timer that is set a millisecond early fires so long before the turn, at most: the loop's own clock may be one behind. */
const mostWaitedMs = 2.1;
/** Turns that are nearer than this follow each other anyhow. */
const worthWaitingMs = 4;
/** What a timer can hold; a longer wait is made of several. */
const longestMs = 0x7fff_ffff;

/** What is due at one instant. What was cancelled leaves a hole. */
type Slot = { readonly atMs: number; readonly runs: ((() => void) | undefined)[]; waiting: number };

/**
 * Timers count whole milliseconds, from wherever in one the loop went to sleep: a turn is late by up to one, each time by
 * another part of it. Whoever has nothing under way wakes up before and waits for the rest, so that turns come evenly.
 */
export type Waiting = {
  /** Nothing is under way whose end would be noticed late meanwhile. */
  isIdle(): boolean;
  /** Blocks for two milliseconds or so, at most. */
  blockFor(ms: number): void;
};

/** `waiting` absent: it does not block. */
export function wheelOn(clock: Clock, waiting?: Waiting): Wheel {
  const slots = new Map<number, Slot>();
  const hearers = new Set<(turn: Turn) => void>();
  /** Of those slots that wait, the soonest first. */
  let order: Slot[] = [];
  let cancelTimer: Cancel | undefined;
  let nextTurnMs = Number.POSITIVE_INFINITY;
  let turnedMs = Number.NaN;
  let turning = false;
  /** When it last woke up: most likely so the next time. To wake up early for nothing would be a waste. */
  let wasIdle = false;

  function arm(): void {
    if (turning) return;
    const quietUntilMs = hearers.size === 0 ? Number.POSITIVE_INFINITY : turnedMs + quietMs;
    const wantedMs = Math.min(order[0]?.atMs ?? Number.POSITIVE_INFINITY, quietUntilMs);
    if (cancelTimer !== undefined && wantedMs === nextTurnMs) return;
    cancelTimer?.();
    cancelTimer = undefined;
    nextTurnMs = wantedMs;
    if (wantedMs === Number.POSITIVE_INFINITY) return;
    const nowMs = clock.nowMs();
    cancelTimer = timerTo(wantedMs, nowMs);
    // A timer counts from the whole millisecond in which it is set. One that has just begun would make it one late.
    const setMs = clock.nowMs();
    if (Math.floor(setMs) === Math.floor(nowMs)) return;
    cancelTimer();
    cancelTimer = timerTo(wantedMs, setMs);
  }

  /** Rounded up: a timer that fires early would begin an attempt before its round, or has to be waited for. */
  function timerTo(wantedMs: number, nowMs: number): Cancel {
    const delayMs = Math.ceil(Math.max(0, wantedMs - nowMs));
    return clock.after(Math.min(longestMs, wasIdle && delayMs >= worthWaitingMs ? delayMs - 1 : delayMs), wake);
  }

  function waitOut(waitMs: number): void {
    wasIdle = waiting?.isIdle() ?? false;
    if (wasIdle && waitMs > 0 && waitMs <= mostWaitedMs) waiting?.blockFor(waitMs);
  }

  function wake(): void {
    cancelTimer = undefined;
    waitOut(nextTurnMs - clock.nowMs());
    const turn: Turn = { dueMs: nextTurnMs, nowMs: clock.nowMs() };
    // Timers may fire up to a millisecond early by the clock that measures.
    if (turn.nowMs >= turn.dueMs) make(turn);
    arm();
  }

  function make(turn: Turn): void {
    turning = true;
    turnedMs = Math.floor(turn.nowMs);
    try {
      for (let [slot] = order; slot !== undefined && slot.atMs <= turn.nowMs; [slot] = order) {
        order.shift();
        slots.delete(slot.atMs);
        for (const run of slot.runs) run?.();
      }
      for (const heard of hearers) heard(turn);
    } finally {
      turning = false;
    }
  }

  function slotAt(atMs: number): Slot {
    const there = slots.get(atMs);
    if (there !== undefined) return there;
    const slot: Slot = { atMs, runs: [], waiting: 0 };
    slots.set(atMs, slot);
    // From the end: most of what is asked for is a whole interval away.
    order.splice(order.findLastIndex((other) => other.atMs < atMs) + 1, 0, slot);
    return slot;
  }

  function forget(slot: Slot, index: number): void {
    if (slot.runs[index] === undefined) return;
    slot.runs[index] = undefined;
    slot.waiting -= 1;
    if (slot.waiting > 0 || slots.get(slot.atMs) !== slot) return;
    slots.delete(slot.atMs);
    order = order.filter((other) => other !== slot);
    arm();
  }

  return {
    at(atMs, run) {
      const slot = slotAt(atMs);
      const index = slot.runs.push(run) - 1;
      slot.waiting += 1;
      arm();
      return () => forget(slot, index);
    },
    onTurn(heard) {
      if (hearers.size === 0) turnedMs = Math.floor(clock.nowMs());
      hearers.add(heard);
      arm();
      return () => {
        hearers.delete(heard);
        arm();
      };
    },
    look() {
      if (turning || cancelTimer === undefined || clock.nowMs() < nextTurnMs) return;
      cancelTimer();
      wake();
    },
    get nextTurnMs() {
      return nextTurnMs;
    },
  };
}
