/** Sends the requests of one shard, one after the other: so the samples of a series arrive in their order. */
import { type Clock, sleep } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { Random } from '../../contract/random.ts';
import { backoffMs, type Meaning, meaningOf } from './answer.ts';
import { type Counts, countIn } from './counts.ts';
import type { RemoteWriteOptions } from './options.ts';
import type { Post } from './post.ts';
import type { Queue } from './queue.ts';
import type { Waiting } from './queue-rows.ts';

export type LaneDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly queue: Queue;
  readonly post: Post;
  readonly counts: Counts;
  /** Says once that a receiver is in trouble, and once that it is not any more. */
  trouble(why: string | null): void;
};

export type Lane = {
  /** There may be something to send. */
  wake(): void;
  readonly ended: Promise<void>;
};

const contentTypes = {
  1: 'application/x-protobuf',
  2: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
} as const;
const versionHeaders = { 1: '0.1.0', 2: '2.0.0' } as const;
/** After our own queue failed. */
const queueAgainMs = 1_000;

export function lane(options: RemoteWriteOptions, shard: number, deps: LaneDeps, signal: AbortSignal): Lane {
  const { clock, random, queue, counts } = deps;
  let wake = (): void => undefined;
  let woken = false;
  const rested = (): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        woken = false;
        signal.removeEventListener('abort', go);
        resolve();
      };
      if (woken || signal.aborted) return go();
      wake = go;
      signal.addEventListener('abort', go, { once: true });
    });

  async function ask(request: Waiting): Promise<Meaning> {
    try {
      const answer = await deps.post(request.body, headersFor(options, request.version), signal);
      return meaningOf(answer, request, clock.wallMs());
    } catch (error) {
      return { kind: 'again', afterMs: 0, why: messageOf(error) };
    }
  }

  /** Whether it is settled, and need not be sent again. */
  async function deliver(request: Waiting, tries: number): Promise<boolean> {
    counts.requests += 1;
    const meaning = await ask(request);
    if (meaning.kind === 'again') {
      if (signal.aborted) return false;
      counts.retries += 1;
      deps.trouble(meaning.why);
      await sleep(clock, backoffMs(tries, meaning.afterMs, random()), signal);
      return false;
    }
    counts.backlog = await queue.done(options.name, request.id);
    settle(meaning, request, deps);
    return true;
  }

  async function run(): Promise<void> {
    let last = { id: -1, tries: 0 };
    while (!signal.aborted) {
      try {
        const request = await queue.next(options.name, shard);
        if (request === null) {
          await rested();
          continue;
        }
        last = { id: request.id, tries: last.id === request.id ? last.tries + 1 : 1 };
        await deliver(request, last.tries);
      } catch (error) {
        if (signal.aborted) return;
        deps.trouble(messageOf(error));
        await sleep(clock, queueAgainMs, signal).catch(() => undefined);
      }
    }
  }
  return {
    wake() {
      woken = true;
      wake();
    },
    ended: run(),
  };
}

function settle(meaning: Exclude<Meaning, { kind: 'again' }>, request: Waiting, deps: LaneDeps): void {
  const { counts } = deps;
  const points = request.samples + request.histograms;
  counts.sent += points - meaning.lost;
  if (meaning.kind === 'written') {
    countIn(counts.refused, 'not written', meaning.lost);
    counts.highestMs = Math.max(counts.highestMs, request.stepMs);
    deps.trouble(null);
    return;
  }
  countIn(counts.refused, reasonOf(meaning.why), meaning.lost);
  if (points > 0) deps.trouble(meaning.why);
}

/** A label value of few kinds: the status alone. */
function reasonOf(why: string): string {
  return /^status \d+/.exec(why)?.[0] ?? 'other';
}

function headersFor({ headers, token }: RemoteWriteOptions, version: 1 | 2): Record<string, string> {
  return {
    'user-agent': 'blackstart',
    ...headers,
    ...(token === null ? {} : { authorization: `Bearer ${token()}` }),
    'content-encoding': 'snappy',
    'content-type': contentTypes[version],
    'x-prometheus-remote-write-version': versionHeaders[version],
  };
}
