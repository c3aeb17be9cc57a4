/** What became of what was written out: counted, and said once when it begins to fail and once when it is over. */
import type { Log } from '../../contract/log.ts';

export type Delivery = {
  readonly sent: number;
  readonly lost: number;
  /** Exports that were taken, and that were not. */
  readonly taken: number;
  readonly failed: number;
  /** An export of so many items came to its end; `null`: it was taken. */
  note(items: number, trouble: string | null): void;
  /** Items that were not even tried. */
  drop(items: number): void;
};

/** `what` is written out, for people: `spans`. */
export function delivery(what: string, log: Log): Delivery {
  const counts = { sent: 0, lost: 0, taken: 0, failed: 0 };
  let inTrouble = false;

  function say(trouble: string | null): void {
    if (trouble !== null && !inTrouble) log.warn({ what, why: trouble }, 'OTLP is not taken');
    if (trouble === null && inTrouble) log.info({ what, lost: counts.lost }, 'OTLP is taken again');
    inTrouble = trouble !== null;
  }
  return {
    get sent() {
      return counts.sent;
    },
    get lost() {
      return counts.lost;
    },
    get taken() {
      return counts.taken;
    },
    get failed() {
      return counts.failed;
    },
    note(items, trouble) {
      counts[trouble === null ? 'taken' : 'failed'] += 1;
      counts[trouble === null ? 'sent' : 'lost'] += items;
      say(trouble);
    },
    drop(items) {
      counts.lost += items;
    },
  };
}
