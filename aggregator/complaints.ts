/** Says what happens once, however often it comes: a log that a stranger can fill is no log. */
import type { Clock } from '../contract/clock.ts';

/** `who` and `what` together are named at most once a minute; how often it came since then is in `again`. */
export type Complain = (who: string, what: string, facts: object, message: string) => void;

const quietMs = 60_000;
/** Beyond it all that is new is said as one. */
const maxKnown = 100;

export function complaints(clock: Clock, say: (facts: object, message: string) => void): Complain {
  const known = new Map<string, { quietUntilMs: number; again: number }>();

  return (who, what, facts, message) => {
    const nowMs = clock.nowMs();
    for (const [key, { quietUntilMs }] of known) {
      if (known.size >= maxKnown && quietUntilMs <= nowMs) known.delete(key);
    }
    const own = `${who}\u0000${what}`;
    const key = known.has(own) || known.size < maxKnown ? own : 'many others';
    const before = known.get(key);
    if (before !== undefined && nowMs < before.quietUntilMs) {
      before.again += 1;
      return;
    }
    known.set(key, { quietUntilMs: nowMs + quietMs, again: 0 });
    say(before === undefined || before.again === 0 ? facts : { ...facts, again: before.again }, message);
  };
}
