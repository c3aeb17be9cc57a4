/** Several threads that probe for one agent: each has its share of the checks, by their names. */
import { Worker } from 'node:worker_threads';
import type { RegionAddresses } from '../../contract/check.ts';
import { aheadMs, type Cancel, type Clock, every } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import { hashOf } from '../../contract/random.ts';
import { reveal } from '../../contract/secret.ts';
import type { EnvironmentOptions } from '../environment.ts';
import type { Hands } from '../hands.ts';
import type { Planned, Unnumbered } from '../record.ts';
import type { FromThread, Start, ToThread } from './protocol.ts';

export type PoolOptions = {
  /** At least 1. */
  readonly threads: number;
  readonly vantage: string;
  readonly environment: EnvironmentOptions;
};

export type PoolDeps = {
  /** The machine's: threads tell time by the kernel's monotonic clock. */
  readonly clock: Clock;
  readonly log: Log;
  readonly onResult: (result: Unnumbered) => void;
  /** How a thread is begun; by default one of this process. */
  readonly begin?: (start: Start) => Worker;
};

const firstRetryMs = 200;
const longestRetryMs = 10_000;
const renewEveryMs = 1_000;
/** A thread that has ended its attempts says so at once; one that hangs is not waited for. */
const farewellMs = 2_000;

/** Begins the threads. One that dies is begun anew with its share; the rounds in between are missing. */
export function threadedHands(options: PoolOptions, deps: PoolDeps): Hands {
  const { ca } = options.environment;
  const caNow = (): string | null => (ca === null ? null : reveal(ca));
  let toldCa = caNow();
  const threads = Array.from({ length: options.threads }, (_, index) => startThread(index, options, deps));
  // A file that is read again: the threads have it from here.
  const cancelRenewal: Cancel = every(
    deps.clock,
    renewEveryMs,
    () => {
      const now = caNow();
      if (now !== toldCa) for (const thread of threads) thread.renew(now);
      toldCa = now;
    },
    (error) => deps.log.error({ error: String(error) }, 'the threads were not told of a new CA'),
  );
  const shareOf = (check: string): number => hashOf(check) % threads.length;
  return {
    reconcile(owner, plans) {
      const shares = Map.groupBy(plans, ({ check }) => shareOf(check.id));
      for (const [index, thread] of threads.entries()) thread.reconcile(owner, shares.get(index) ?? []);
    },
    assignRegions(regions) {
      for (const thread of threads) thread.assignRegions(regions);
    },
    throughMs: () => threads.reduce((earliest, thread) => Math.min(earliest, thread.throughMs), deps.clock.nowMs()),
    get running() {
      return threads.reduce((sum, { running }) => sum + running, 0);
    },
    async stop(graceMs) {
      cancelRenewal();
      await Promise.all(threads.map((thread) => thread.stop(graceMs)));
    },
  };
}

type Thread = {
  reconcile(owner: string, plans: readonly Planned[]): void;
  assignRegions(regions: RegionAddresses): void;
  renew(ca: string | null): void;
  readonly throughMs: number;
  readonly running: number;
  stop(graceMs: number): Promise<void>;
};

function startThread(index: number, options: PoolOptions, deps: PoolDeps): Thread {
  const { clock, log, onResult, begin = beginThread } = deps;
  const shares = new Map<string, readonly Planned[]>();
  const stopped = Promise.withResolvers<void>();
  let regions: RegionAddresses = {};
  let throughMs = clock.nowMs();
  let running = 0;
  let failures = 0;
  let isStopping = false;
  let cancelRetry: Cancel = () => undefined;
  let worker = open();

  function open(): Worker {
    const { ca, secrets, ...rest } = options.environment;
    const environment = {
      ...rest,
      ca: ca === null ? null : reveal(ca),
      ...(secrets === undefined ? {} : { secrets: { ...secrets, env: { ...secrets.env } } }),
    };
    const opened = begin({ vantage: options.vantage, environment, aheadMs: aheadMs(clock) });
    const hear = (message: FromThread): void => {
      if (message.type === 'log') log[message.level]({ ...message.fields, thread: index }, message.message);
      else if (message.type === 'stopped') stopped.resolve();
      else take(message);
    };
    opened.on('message', hear);
    opened.on('error', (error) =>
      log.error({ thread: index, error: String(error) }, 'a thread that probes has failed'),
    );
    opened.once('exit', () => {
      if (isStopping) return stopped.resolve();
      running = 0;
      failures += 1;
      const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
      log.error({ thread: index, waitMs }, 'a thread that probes is gone; its rounds are missing until it is back');
      cancelRetry = clock.after(waitMs, again);
    });
    return opened;
  }

  function again(): void {
    worker = open();
    tell({ type: 'regions', regions });
    for (const [owner, plans] of shares) tell({ type: 'reconcile', owner, plans });
  }

  function take(told: Extract<FromThread, { type: 'results' }>): void {
    for (const result of told.results) {
      failures = 0;
      onResult(result);
    }
    throughMs = told.throughMs;
    running = told.running;
  }

  function tell(message: ToThread): void {
    worker.postMessage(message);
  }

  return {
    reconcile(owner, plans) {
      if (isStopping || (plans.length === 0 && !shares.has(owner))) return;
      if (plans.length === 0) shares.delete(owner);
      else shares.set(owner, plans);
      tell({ type: 'reconcile', owner, plans });
    },
    assignRegions(next) {
      regions = next;
      tell({ type: 'regions', regions });
    },
    renew: (ca) => tell({ type: 'ca', ca }),
    get throughMs() {
      return throughMs;
    },
    get running() {
      return running;
    },
    async stop(graceMs) {
      isStopping = true;
      cancelRetry();
      tell({ type: 'stop', graceMs });
      const cancel = clock.after(graceMs + farewellMs, stopped.resolve);
      await stopped.promise;
      cancel();
      await worker.terminate();
    },
  };
}

/** In a checkout the source runs as it is; the published package has the thread bundled beside the rest. */
function beginThread(start: Start): Worker {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './agent-worker.js';
  return new Worker(new URL(file, import.meta.url), { workerData: start });
}
