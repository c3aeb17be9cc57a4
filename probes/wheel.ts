/**
 * One timer for all that is due. What falls on the same instant begins in one turn, in the order in which it was asked
 * for: an agent wakes up a few dozen times a second however many checks it has, and each keeps its place in its turn.
 */
import type { Cancel, Clock } from '../contract/clock.ts';
import { takeOut } from './under-way.ts';

export type Wheel = {
  /** Calls `run` at each time that is set, one after the other. */
  alarm(run: () => void): Alarm;
  /** Calls `heard` after each turn. While anybody hears there is a turn at least every 40 ms: one that comes late tells of a stall. */
  onTurn(heard: (turn: Turn) => void): Cancel;
  /** While `true` there is a turn at least every 20 ms: a stall that falls between two of them is not noticed. */
  attend(isNeeded: boolean): void;
  /** Makes the turn that is due, if one is. For whoever has just done what takes long, with more of it waiting. */
  look(): void;
  /** When the next turn is due, or was. */
  readonly nextTurnMs: number;
};

/** One for all the times of what comes round: what is made for each would live for a whole interval, and grow old in the heap. */
export type Alarm = {
  /** Calls `run` once, at `atMs` or as soon after it as the machine allows, never before; not at the time set before. */
  set(atMs: number): void;
  cancel(): void;
};

/** When it was due, and when it began. */
export type Turn = { readonly dueMs: number; readonly nowMs: number };

const attentiveMs = 20;
/** What an agent costs that has nothing to do is its turns. */
const quietMs = 40;
/** What a timer can hold; a longer wait is made of several. */
const longestMs = 0x7fff_ffff;

/** What is due at one instant. Who was cancelled stays there, but is no more set for it. */
type Slot = { readonly atMs: number; readonly entries: Entry[]; waiting: number };
type Entry = { readonly run: () => void; slot: Slot | undefined };

/**
 * Timers count whole milliseconds, from wherever in one the loop went to sleep: a turn is late by up to one, each time by
 * another part of it.
 */
export function wheelOn(clock: Clock): Wheel {
  const hearers = new Set<(turn: Turn) => void>();
  /** The soonest first. */
  const slots: Slot[] = [];
  let cancelTimer: Cancel | undefined;
  let nextTurnMs = Number.POSITIVE_INFINITY;
  let turnedMs = Number.NaN;
  let turning = false;
  let attentive = false;

  function arm(): void {
    if (turning) return;
    const atLeastEveryMs = attentive ? attentiveMs : quietMs;
    const quietUntilMs = hearers.size === 0 ? Number.POSITIVE_INFINITY : turnedMs + atLeastEveryMs;
    const wantedMs = Math.min(slots[0]?.atMs ?? Number.POSITIVE_INFINITY, quietUntilMs);
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

  /** Rounded up: what fires early has to be set again, as no attempt begins before its round. */
  function timerTo(wantedMs: number, nowMs: number): Cancel {
    const delayMs = Math.ceil(Math.max(0, wantedMs - nowMs));
    return clock.after(Math.min(longestMs, delayMs), wake);
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
      for (let [slot] = slots; slot !== undefined && slot.atMs <= turn.nowMs; [slot] = slots) {
        slots.shift();
        for (const entry of slot.entries) {
          if (entry.slot !== slot) continue;
          entry.slot = undefined;
          entry.run();
        }
      }
      for (const heard of hearers) heard(turn);
    } finally {
      turning = false;
    }
  }

  function slotAt(atMs: number): Slot {
    const index = firstFrom(slots, atMs);
    const there = slots[index];
    if (there?.atMs === atMs) return there;
    const slot: Slot = { atMs, entries: [], waiting: 0 };
    slots.splice(index, 0, slot);
    return slot;
  }

  function cancel(entry: Entry): void {
    const { slot } = entry;
    if (slot === undefined) return;
    entry.slot = undefined;
    slot.waiting -= 1;
    if (slot.waiting > 0) return;
    takeOut(slots, slot);
    arm();
  }

  function set(entry: Entry, atMs: number): void {
    cancel(entry);
    const slot = slotAt(atMs);
    slot.entries.push(entry);
    slot.waiting += 1;
    entry.slot = slot;
    arm();
  }

  return {
    alarm(run) {
      const entry: Entry = { run, slot: undefined };
      return { set: (atMs) => set(entry, atMs), cancel: () => cancel(entry) };
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
    attend(isNeeded) {
      if (attentive === isNeeded) return;
      attentive = isNeeded;
      // From now on: what was not asked for before is not late.
      if (isNeeded) turnedMs = Math.floor(clock.nowMs());
      arm();
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

/** The index of the first slot that is not before `atMs`, by halving: with long intervals there are thousands. */
function firstFrom(slots: readonly Slot[], atMs: number): number {
  let [low, high] = [0, slots.length];
  // With one interval for all, whatever comes round has its place at the end.
  const last = slots[high - 1];
  if (last !== undefined && last.atMs <= atMs) return last.atMs === atMs ? high - 1 : high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((slots[middle]?.atMs ?? atMs) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
