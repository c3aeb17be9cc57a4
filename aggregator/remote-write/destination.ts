/** One receiver: at every step what is new is put on disk, and from there it is sent. */
import { join } from 'node:path';
import type { Cancel, Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { Random } from '../../contract/random.ts';
import type { Cut } from '../metrics/cut.ts';
import { type Counts, countIn } from './counts.ts';
import { type Lane, lane } from './lane.ts';
import { ledger } from './ledger.ts';
import type { RemoteWriteOptions } from './options.ts';
import { poster } from './post.ts';
import type { Queue } from './queue.ts';
import type { LoadedQueue } from './queue-rows.ts';
import { requestsOf, shards } from './step.ts';

export type DestinationDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly queue: Queue;
  readonly ca: readonly string[] | undefined;
  cut(): Promise<Cut>;
};

export type Destination = { stop(): Promise<void> };

const defaultMaxBytes = 256 * 1_048_576;
/** Version 1 says what its families are so often, as Prometheus does. */
const metadataEveryMs = 60_000;
/** A last step further ahead than this was made by a clock that was wrong. */
const maxAheadMs = 600_000;

export function destination(
  options: RemoteWriteOptions,
  loaded: LoadedQueue,
  counts: Counts,
  deps: DestinationDeps,
): Destination {
  const { clock, log } = deps;
  const { name, everyMs } = options;
  const stopping = new AbortController();
  const { post, close } = poster(options.url, deps.ca, clock);
  counts.backlog = loaded.backlog;
  const lanes: Lane[] = Array.from({ length: shards }, (_, shard) =>
    lane(options, shard, { ...deps, post, counts, trouble: troubleLog(name, log) }, stopping.signal),
  );
  const steps = stepper(options, loaded, counts, deps, () => {
    for (const one of lanes) one.wake();
  });

  let cancel: Cancel = () => undefined;
  let running: Promise<void> = Promise.resolve();
  const next = (): void => {
    const nowMs = clock.nowMs();
    cancel = clock.after((Math.floor(nowMs / everyMs) + 1) * everyMs - nowMs, () => {
      running = steps(Math.floor(clock.nowMs() / everyMs) * everyMs).finally(() => {
        if (!stopping.signal.aborted) next();
      });
    });
  };
  next();
  return {
    async stop() {
      stopping.abort(new Error('stopping'));
      cancel();
      await running;
      await Promise.all(lanes.map(({ ended }) => ended));
      close();
    },
  };
}

/** Writes one step down, unless it is there already. */
function stepper(
  options: RemoteWriteOptions,
  loaded: LoadedQueue,
  counts: Counts,
  deps: DestinationDeps,
  onQueued: () => void,
): (stepMs: number) => Promise<void> {
  const { clock, log, queue } = deps;
  const nowMs = clock.nowMs();
  let lastStepMs = loaded.lastStepMs > nowMs + maxAheadMs ? 0 : loaded.lastStepMs;
  let describedMs = Number.NEGATIVE_INFINITY;
  const series = ledger(loaded.live, lastStepMs);
  let failing = false;
  return async (stepMs) => {
    if (stepMs <= lastStepMs) return;
    let samples = 0;
    try {
      const metadata = stepMs - describedMs >= metadataEveryMs;
      const step = series.step(stepMs);
      const cut = await deps.cut();
      const { requests, ended } = await requestsOf(cut, step, options, { stepMs, clock, metadata });
      cut.series.release();
      samples = requests.reduce((sum, one) => sum + one.samples + one.histograms, 0);
      const rows = { destination: options.name, stepMs, requests, began: step.began, ended };
      const { dropped, backlog } = await queue.put(rows, options.maxBytes ?? defaultMaxBytes);
      step.commit();
      lastStepMs = stepMs;
      if (metadata) describedMs = stepMs;
      counts.backlog = backlog;
      countIn(counts.dropped, 'queue full', dropped);
      failing = false;
      onQueued();
    } catch (error) {
      countIn(counts.dropped, 'disk', samples);
      if (!failing) log.error({ destination: options.name, why: messageOf(error) }, 'remote write left out a step');
      failing = true;
    }
  };
}

/** One line when it begins, one when it is over. */
function troubleLog(name: string, log: Log): (why: string | null) => void {
  let inTrouble = false;
  return (why) => {
    if (why !== null && !inTrouble) log.warn({ destination: name, why }, 'remote write is not taken');
    if (why === null && inTrouble) log.info({ destination: name }, 'remote write is taken again');
    inTrouble = why !== null;
  };
}

export function queueFileIn(stateDir: string): string {
  return join(stateDir, 'remote-write.sqlite');
}
