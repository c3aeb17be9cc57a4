import { type Clock, sleep } from '../../../contract/clock.ts';
import { within } from '../../../contract/deadline.ts';
import { Trouble } from '../../trouble.ts';
import { awsTrouble, isTurnedAway } from './trouble.ts';

const callLimitMs = 10_000;
/** Others may use up the account's requests too: waits before the next attempts at what is turned away. */
const turnedAwayWaitsMs: readonly number[] = [500, 1_000, 2_000, 3_000];

export type Work<T> = (signal: AbortSignal) => Promise<T>;
/** Waits for a turn among all who ask the same account. */
export type Turn = (signal: AbortSignal) => Promise<void>;

export type Caller = {
  /** One request, in its turn, with a deadline; rejects with a `Trouble` that says in one sentence what went wrong. */
  once<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T>;
  /** Again after each wait while AWS turns it away for its rate; says how often when it gives up. */
  patiently<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T>;
};

/** `place`: `Route 53, zone Z1`. Without a `turn` requests are made at once. */
export function caller(place: string, clock: Clock, turn?: Turn): Caller {
  async function once<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    await turn?.(signal);
    try {
      return await within(clock, callLimitMs, signal, work);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw awsTrouble(error, asked, place);
    }
  }

  async function patiently<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    for (const waitMs of turnedAwayWaitsMs) {
      try {
        return await once(asked, signal, work);
      } catch (error) {
        if (!isTurnedAway(error)) throw error;
      }
      await sleep(clock, waitMs, signal);
    }
    try {
      return await once(asked, signal, work);
    } catch (error) {
      if (!(error instanceof Trouble && isTurnedAway(error))) throw error;
      const asks = turnedAwayWaitsMs.length + 1;
      throw new Trouble(error.kind, `${error.message}; asked ${asks} times`, { cause: error.cause });
    }
  }

  return { once, patiently };
}
