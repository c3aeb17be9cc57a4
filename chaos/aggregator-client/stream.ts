import { WebSocket } from 'ws';
import type { ResultsAnswer, StoredResult, StreamEvent } from '../../contract/api.ts';
import { type Clock, sleep } from '../../contract/clock.ts';
import type { ResultStream } from './fleet.ts';
import type { Http } from './http.ts';

const pageSize = 10_000;
const reconnectAfterMs = 500;
/** A connection that brings nothing for so long is asked whether it lives. */
const quietMs = 5_000;
const openLimitMs = 10_000;

export type StreamPlace = { readonly url: URL; readonly token: string | null };

/**
 * Results as they are committed. Each id is passed on once: what the connection missed is fetched by cursor, what comes
 * twice is dropped. `from` is the id of the last result that is not wanted.
 */
export function streamResults(
  place: StreamPlace,
  http: Http,
  clock: Clock,
  from: number,
): { start(onResult: (result: StoredResult) => void): ResultStream } {
  return {
    start(onResult) {
      const ended = new AbortController();
      const inbox = once(from, onResult);
      let heardMs = clock.nowMs();
      let isConnected = false;

      /** Everything newer than the last id that is known to have no hole before it. */
      async function refill(signal: AbortSignal): Promise<void> {
        const since = inbox.completeTo();
        const missed = await newerThan(since, http, signal);
        for (const result of missed.toReversed()) inbox.take(result);
        inbox.complete(missed[0]?.id ?? since);
        heardMs = clock.nowMs();
      }

      async function run(): Promise<void> {
        while (!ended.signal.aborted) {
          try {
            await connection(place, clock, ended.signal, {
              async opened() {
                await refill(ended.signal);
                isConnected = true;
              },
              event(event) {
                heardMs = clock.nowMs();
                if (event.type === 'result') inbox.take(event.result);
                return event.type !== 'lost';
              },
              pong() {
                heardMs = clock.nowMs();
              },
            });
          } catch {
            // Tried again below; `silentForMs` says for how long it has been so.
          }
          isConnected = false;
          await sleep(clock, reconnectAfterMs, ended.signal).catch(() => undefined);
        }
      }
      const running = run();

      return {
        silentForMs: () => (isConnected ? 0 : clock.nowMs() - heardMs),
        async close(signal) {
          ended.abort(new Error('the stream is no longer wanted'));
          await running;
          await refill(signal);
        },
      };
    },
  };
}

/** All results with an id above `since`, the newest first. */
async function newerThan(since: number, http: Http, signal: AbortSignal): Promise<readonly StoredResult[]> {
  const found: StoredResult[] = [];
  let before: number | null = null;
  do {
    const cursor: string = before === null ? '' : `&before=${before}`;
    const page: ResultsAnswer = await http.get<ResultsAnswer>(`/api/v1/results?limit=${pageSize}${cursor}`, signal);
    found.push(...page.results.filter(({ id }) => id > since));
    // Ids only grow: behind a page that reaches back to `since` there is nothing new.
    const reached = page.results.some(({ id }) => id <= since);
    before = reached ? null : page.next;
  } while (before !== null);
  return found;
}

/** Passes each id on once. `completeTo`: all up to there have been passed on, as far as a refill has shown. */
function once(from: number, onResult: (result: StoredResult) => void) {
  let complete = from;
  const taken = new Set<number>();
  return {
    completeTo: () => complete,
    take(result: StoredResult): void {
      if (result.id <= complete || taken.has(result.id)) return;
      taken.add(result.id);
      onResult(result);
    },
    complete(to: number): void {
      complete = Math.max(complete, to);
      for (const id of taken) if (id <= complete) taken.delete(id);
    },
  };
}

type Handlers = {
  opened(): Promise<void>;
  /** `false`: something was left out; connect anew and refill. */
  event(event: StreamEvent): boolean;
  pong(): void;
};

/** One connection, from opening to its end, whatever ends it. */
function connection(place: StreamPlace, clock: Clock, signal: AbortSignal, handlers: Handlers): Promise<void> {
  return new Promise((resolve) => {
    const url = new URL('/api/v1/stream?types=result', place.url);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const headers: Record<string, string> = place.token === null ? {} : { authorization: `Bearer ${place.token}` };
    const socket = new WebSocket(url, { headers, handshakeTimeout: openLimitMs });
    let cancel = clock.after(quietMs, ask);
    let wasAsked = false;

    /** No answer to a ping by the next time: the connection is dead, however open it looks. */
    function ask(): void {
      if (wasAsked) {
        socket.terminate();
        return;
      }
      wasAsked = true;
      if (socket.readyState === WebSocket.OPEN) socket.ping();
      cancel = clock.after(quietMs, ask);
    }
    function heard(): void {
      wasAsked = false;
      cancel();
      cancel = clock.after(quietMs, ask);
    }
    const stop = (): void => socket.terminate();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    socket.on('open', () => {
      handlers.opened().catch(() => socket.terminate());
    });
    socket.on('message', (data) => {
      heard();
      if (!handlers.event(JSON.parse(String(data)) as StreamEvent)) socket.terminate();
    });
    socket.on('pong', () => {
      heard();
      handlers.pong();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      cancel();
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
