import type { SecureContext } from 'node:tls';
import type { HostPort } from '../../contract/address.ts';
import { type Clock, sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import type { Random } from '../../contract/random.ts';
import type { Population } from '../../scenarios/world.ts';
import { askResolver, type Resolution } from './resolve.ts';
import { type Session, session, type UserAnswer, type UserRequest } from './session.ts';
import type { Tally } from './stats.ts';

export type UserOptions = {
  readonly population: Population;
  readonly resolver: HostPort;
  readonly sourceAddress: string;
  readonly port: number;
  readonly secureContext: SecureContext;
};

type Deps = { readonly clock: Clock; readonly random: Random; readonly tally: Tally; readonly signal: AbortSignal };

/** A user gives up on a request after this. */
const patienceMs = 5_000;
/** Of ten sessions this many are one request long; the others keep their connection for some more. */
const freshSessionsInTen = 2;
const keptRequests = { fewest: 2, most: 8 } as const;
/** Of ten requests this many write a record. */
const writesInTen = 2;

/** Lives until the signal aborts, asking about every `requestEveryMs`. */
export async function live(options: UserOptions, deps: Deps): Promise<void> {
  const { clock, random, tally, signal } = deps;
  const { requestEveryMs } = options.population;
  const browser = browserOf(options, deps);

  async function ask(): Promise<void> {
    tally.count('requests');
    try {
      tally.answered(await within(clock, patienceMs, signal, (limit) => browser.ask(nextRequest(random), limit)));
    } catch {
      browser.endSession();
      if (!signal.aborted) tally.count('failed');
    }
  }

  try {
    await sleep(clock, random() * requestEveryMs, signal);
    while (!signal.aborted) {
      const dueMs = clock.nowMs() + (0.5 + random()) * requestEveryMs;
      await ask();
      await sleep(clock, Math.max(0, dueMs - clock.nowMs()), signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    browser.endSession();
  }
}

type Browser = { ask(asked: UserRequest, limit: AbortSignal): Promise<UserAnswer>; endSession(): void };

/**
 * One connection per session. It is kept wherever it leads; for a new one the name is resolved again once the TTL of the
 * last answer has ended, and not before.
 */
function browserOf(options: UserOptions, { clock, random, tally }: Deps): Browser {
  const { population, resolver, sourceAddress, port, secureContext } = options;
  const { hostname, country } = population;
  let known: { readonly resolution: Resolution; readonly endsAtMs: number } | undefined;
  let current: { readonly session: Session; left: number } | undefined;

  async function addressNow(limit: AbortSignal): Promise<string> {
    if (known === undefined || clock.nowMs() >= known.endsAtMs) {
      tally.count('resolutions');
      const resolution = await askResolver({ hostname, resolver, sourceAddress }, random, limit);
      known = { resolution, endsAtMs: clock.nowMs() + resolution.ttlMs };
    }
    const { addresses } = known.resolution;
    const address = addresses[Math.floor(random() * addresses.length)];
    if (address === undefined) throw new Error(`no address for ${hostname}`);
    return address;
  }

  function endSession(): void {
    current?.session.end();
    current = undefined;
  }

  return {
    async ask(asked, limit) {
      if (current === undefined) {
        const address = await addressNow(limit);
        const opened = session({ address, port, hostname, sourceAddress, country, secureContext });
        current = { session: opened, left: sessionLength(random) };
        tally.count('connections');
      }
      current.left -= 1;
      const answer = await current.session.send(asked, limit);
      if (current?.left === 0) endSession();
      return answer;
    },
    endSession,
  };
}

function sessionLength(random: Random): number {
  if (random() * 10 < freshSessionsInTen) return 1;
  return keptRequests.fewest + Math.floor(random() * (keptRequests.most - keptRequests.fewest + 1));
}

function nextRequest(random: Random): UserRequest {
  return random() * 10 < writesInTen
    ? { method: 'POST', path: '/v1/records', body: '{"note":"a user was here"}' }
    : { method: 'GET', path: '/v1/ping', body: '' };
}
