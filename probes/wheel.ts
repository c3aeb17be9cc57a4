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
/** What a timer can hold; a longer wait is made of several. */
const longestMs = 0x7fff_ffff;

/** What is due at one instant. What was cancelled leaves a hole. */
type Slot = { readonly atMs: number; readonly runs: ((() => void) | undefined)[]; waiting: number };

export function wheelOn(clock: Clock): Wheel {
  const slots = new Map<number, Slot>();
  const hearers = new Set<(turn: Turn) => void>();
  /** Of those slots that wait, the soonest first. */
  let order: Slot[] = [];
  let cancelTimer: Cancel | undefined;
  let nextTurnMs = Number.POSITIVE_INFINITY;
  let turnedMs = Number.NaN;
  let turning = false;

  function arm(): void {
    if (turning) return;
    const quietUntilMs = hearers.size === 0 ? Number.POSITIVE_INFINITY : turnedMs + quietMs;
    const wantedMs = Math.min(order[0]?.atMs ?? Number.POSITIVE_INFINITY, quietUntilMs);
    if (cancelTimer !== undefined && wantedMs === nextTurnMs) return;
    cancelTimer?.();
    cancelTimer = undefined;
    nextTurnMs = wantedMs;
    if (wantedMs === Number.POSITIVE_INFINITY) return;
    // Rounded up: a timer that fires early would begin an attempt before its round.
    cancelTimer = clock.after(Math.min(longestMs, Math.ceil(Math.max(0, wantedMs - clock.nowMs()))), wake);
  }

  function wake(): void {
    cancelTimer = undefined;
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
