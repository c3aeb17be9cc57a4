/** The way of one region's changes to another region: in their order, each behind the lag, none while it is shut. */
import type { Cancel, Clock } from '../../contract/clock.ts';

export type Way<Change> = {
  send(change: Change): void;
  /** Delivers what is due; to be called when the way may have opened. */
  look(): void;
  behind(): Behind;
  close(): void;
};

/** How far another region is behind what this one has. */
export type Behind = {
  readonly reached: boolean;
  /** Changes that it does not have yet. */
  readonly waiting: number;
  /** For how long the first of them has waited; 0 where none does. */
  readonly behindMs: number;
};

export type WayOptions<Change> = {
  readonly lagMs: number;
  readonly isOpen: () => boolean;
  readonly deliver: (change: Change) => void;
};

/** A shut way is looked at so often: nobody tells of a region that is back. */
const lookAgainMs = 50;

export function way<Change>({ lagMs, isOpen, deliver }: WayOptions<Change>, clock: Clock): Way<Change> {
  let queue: readonly { readonly change: Change; readonly sinceMs: number }[] = [];
  let cancel: Cancel | null = null;

  function look(): void {
    cancel?.();
    cancel = null;
    for (let [first] = queue; first !== undefined && dueInMs(first) <= 0 && isOpen(); [first] = queue) {
      queue = queue.slice(1);
      deliver(first.change);
    }
    const [next] = queue;
    if (next !== undefined) cancel = clock.after(Math.max(dueInMs(next), isOpen() ? 0 : lookAgainMs), look);
  }
  const dueInMs = ({ sinceMs }: { readonly sinceMs: number }): number => sinceMs + lagMs - clock.nowMs();

  return {
    send(change) {
      queue = [...queue, { change, sinceMs: clock.nowMs() }];
      cancel ??= clock.after(lagMs, look);
    },
    look,
    behind() {
      const [first] = queue;
      const behindMs = first === undefined ? 0 : clock.nowMs() - first.sinceMs;
      return { reached: isOpen(), waiting: queue.length, behindMs };
    },
    close() {
      cancel?.();
      cancel = null;
      queue = [];
    },
  };
}
