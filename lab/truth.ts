import { appendFileSync } from 'node:fs';
import type { Clock } from '../contract/clock.ts';
import type { Json } from '../contract/json.ts';

/** What the lab itself knows: one transition. Only tests read it. INTERFACES has the words. */
export type Transition = {
  readonly what: 'pods' | 'ready' | 'checker' | 'health' | 'answer' | 'cache' | 'served';
  readonly region: string;
  /** The name server, resolver, checker or vantage; the workload for pods. */
  readonly where: string;
  /** The host name, where the transition is of one. */
  readonly name?: string;
  /** Of an answer: the place it is given to, where places are answered differently. */
  readonly place?: string;
  readonly from: Json;
  readonly to: Json;
};

export type Truth = (transition: Transition) => void;

/** Appends each transition to a file, stamped with the lab's clock, before the caller goes on. */
export function truthFile(path: string, clock: Clock): Truth {
  return (transition) => appendFileSync(path, `${JSON.stringify({ atMs: clock.nowMs(), ...transition })}\n`);
}
