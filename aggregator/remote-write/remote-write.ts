/** Writes the aggregator's metrics to receivers of remote write: a Prometheus, a VictoriaMetrics, a Mimir, a Thanos. */

import { authorities } from '../federation/fetch.ts';
import type { Family } from '../metrics/exposition.ts';
import { type Counts, countsFamilies, newCounts } from './counts.ts';
import { type Destination, type DestinationDeps, destination, queueFileIn } from './destination.ts';
import type { RemoteWriteOptions } from './options.ts';
import { openQueue } from './queue.ts';

export type RemoteWrite = {
  families(): readonly Family[];
  states(): readonly DestinationState[];
  stop(): Promise<void>;
};
/** `highestMs`: the step of the newest samples that it took since we were started; 0 for none. */
export type DestinationState = {
  readonly destination: string;
  readonly pendingSamples: number;
  readonly highestMs: number;
};

const nothing: RemoteWrite = { families: () => [], states: () => [], stop: async () => undefined };

/** Rejects when the queue on disk cannot be used. What waits there is sent first. */
export async function startRemoteWrite(
  all: readonly RemoteWriteOptions[],
  where: { readonly stateDir: string; readonly ca: string | null },
  deps: Omit<DestinationDeps, 'queue' | 'ca'>,
): Promise<RemoteWrite> {
  if (all.length === 0) return nothing;
  const queue = openQueue(queueFileIn(where.stateDir));
  const counts = new Map<string, Counts>(all.map(({ name }) => [name, newCounts()]));
  const destinations: Destination[] = [];
  try {
    const orphaned = await queue.keepOnly(all.map(({ name }) => name));
    if (orphaned > 0)
      deps.log.warn({ samples: orphaned }, 'remote write forgot what waited for receivers that are gone');
    for (const options of all) {
      const loaded = await queue.open(options.name);
      const own = counts.get(options.name) ?? newCounts();
      destinations.push(destination(options, loaded, own, { ...deps, queue, ca: authorities(where.ca) }));
    }
  } catch (error) {
    await queue.close();
    throw error;
  }
  return {
    families: () => countsFamilies(counts),
    states: () =>
      [...counts].map(([name, { backlog, highestMs }]) => ({
        destination: name,
        pendingSamples: backlog.samples,
        highestMs,
      })),
    async stop() {
      await Promise.all(destinations.map((one) => one.stop()));
      await queue.close();
    },
  };
}
