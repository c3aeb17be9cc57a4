import { type Clock, sleep } from '../../../contract/clock.ts';
import { DeadlineExceeded, within } from '../../../contract/deadline.ts';
import { canonicalJson } from '../../../contract/json.ts';
import { Trouble } from '../../trouble.ts';
import { awsTrouble, isTurnedAway } from './trouble.ts';

const callLimitMs = 10_000;
/** Others may use up the account's requests too: waits before the next attempts at what is turned away. */
const turnedAwayWaitsMs: readonly number[] = [500, 1_000, 2_000, 3_000];
/** Of one reading, over all its pages: an account that is throttled throughout is said to be, within a minute. */
const mostTurnedAwayMs = 30_000;
/** Of one reading with all its pages: ten thousand records take some ten seconds. */
const readingLimitMs = 60_000;
/** Of 300 record sets, or 100 health checks: three times what Route 53 lets a zone hold without being asked. */
const mostPages = 100;

export type Work<T> = (signal: AbortSignal) => Promise<T>;
/** Waits for a turn among all who ask the same account. */
export type Turn = (signal: AbortSignal) => Promise<void>;

/** How long one reading may still wait for the account's requests. */
export type Patience = { leftMs: number };
export type Page<T, From> = { readonly items: readonly T[]; readonly next: From | null };

export type Caller = {
  /** One request, in its turn, with a deadline; rejects with a `Trouble` that says in one sentence what went wrong. */
  once<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T>;
  /** Again after each wait while AWS turns it away for its rate; says how often when it gives up. */
  patiently<T>(asked: string, signal: AbortSignal, work: Work<T>, patience?: Patience): Promise<T>;
  /** A reading of many requests: each of them is in time, and so is the whole. */
  whole<T>(
    asked: string,
    signal: AbortSignal,
    work: (signal: AbortSignal, patience: Patience) => Promise<T>,
  ): Promise<T>;
  /** All pages; a list that is longer than any, or that comes back to where it was, is not read to its end. */
  pages<T, From extends object>(
    asked: string,
    page: (from: From | Record<never, never>) => Promise<Page<T, From>>,
  ): Promise<readonly T[]>;
};

/** `place`: `Route 53, zone Z1`. Without a `turn` requests are made at once. */
export function caller(place: string, clock: Clock, turn?: Turn): Caller {
  async function once<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    await turn?.(signal);
    try {
      return await within(clock, callLimitMs, signal, async (inner) => {
        try {
          return await work(inner);
        } catch (error) {
          // The SDK says only that it was aborted, not why.
          throw inner.aborted ? inner.reason : error;
        }
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw awsTrouble(error, asked, place);
    }
  }

  async function patiently<T>(
    asked: string,
    signal: AbortSignal,
    work: Work<T>,
    patience: Patience = { leftMs: mostTurnedAwayMs },
  ): Promise<T> {
    for (let asks = 1; ; asks += 1) {
      const waitMs = turnedAwayWaitsMs[asks - 1] ?? Number.POSITIVE_INFINITY;
      try {
        return await once(asked, signal, work);
      } catch (error) {
        if (!(error instanceof Trouble && isTurnedAway(error))) throw error;
        if (patience.leftMs < waitMs) {
          const often = asks === 1 ? '' : `; asked ${asks} times`;
          throw new Trouble(error.kind, `${error.message}${often}`, { cause: error.cause });
        }
      }
      patience.leftMs -= waitMs;
      await sleep(clock, waitMs, signal);
    }
  }

  async function pages<T, From extends object>(
    asked: string,
    page: (from: From | Record<never, never>) => Promise<Page<T, From>>,
  ): Promise<readonly T[]> {
    const found: T[] = [];
    let from: From | Record<never, never> = {};
    for (let read = 0; read < mostPages; read += 1) {
      const { items, next }: Page<T, From> = await page(from);
      for (const item of items) found.push(item);
      if (next === null) return found;
      if (canonicalJson(next) === canonicalJson(from)) {
        throw new Trouble('rejected', `${place}: ${asked}: its next page is the one it just gave`);
      }
      from = next;
    }
    const got = `more than ${mostPages} pages, ${found.length} so far`;
    throw new Trouble('rejected', `${place}: ${asked}: got ${got}, which is too many to predict from`);
  }

  return {
    once,
    patiently,
    pages,
    async whole(asked, signal, work) {
      const patience: Patience = { leftMs: mostTurnedAwayMs };
      try {
        return await within(clock, readingLimitMs, signal, (inTime) => work(inTime, patience));
      } catch (error) {
        throw error instanceof DeadlineExceeded ? awsTrouble(error, asked, place) : error;
      }
    },
  };
}
