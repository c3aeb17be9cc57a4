/** What comes in from other servers, and goes out to them: metrics that are read, and remote write. */
import { readServers } from './federation/servers.ts';
import { readSources, type Sources } from './federation/sources.ts';
import type { Cut } from './metrics/cut.ts';
import type { AggregatorDeps, AggregatorOptions } from './options.ts';
import { type RemoteWrite, startRemoteWrite } from './remote-write/remote-write.ts';

export type Exchange = Sources & {
  /** Begins to write out. Rejects when the queue on disk cannot be used. */
  write(cut: () => Promise<Cut>): Promise<void>;
};

export function exchangeOf(options: AggregatorOptions, deps: AggregatorDeps): Exchange {
  const sources = readSources(options.sources, options.ca, deps);
  const servers = readServers(options.federate ?? [], options.ca, deps);
  let writing: RemoteWrite | undefined;
  return {
    families: (nowMs) => [...sources.families(nowMs), ...servers.families(nowMs), ...(writing?.families() ?? [])],
    async write(cut) {
      const { name = null, remoteWrite = [] } = options;
      const named =
        name === null ? remoteWrite : remoteWrite.map((to) => ({ ...to, labels: [['aggregator', name]] as const }));
      writing = await startRemoteWrite(named, options, { ...deps, cut });
    },
    async stop() {
      await writing?.stop();
      await Promise.all([sources.stop(), servers.stop()]);
    },
  };
}
