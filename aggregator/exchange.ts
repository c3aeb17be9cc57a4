/** What comes in from other servers, and goes out to them: metrics that are read, and remote write. */
import { readServers } from './federation/servers.ts';
import { readSources, type Sources } from './federation/sources.ts';
import type { Cut } from './metrics/cut.ts';
import type { AggregatorDeps, AggregatorOptions } from './options.ts';
import { pushFamilies } from './otlp/push.ts';
import { type RemoteWrite, startRemoteWrite } from './remote-write/remote-write.ts';

export type Exchange = Sources & {
  /** Begins to write out. Rejects when the queue on disk cannot be used. */
  write(cut: () => Promise<Cut>): Promise<void>;
};

export function exchangeOf(options: AggregatorOptions, deps: AggregatorDeps): Exchange {
  const sources = readSources(options.sources, options.ca, deps);
  const servers = readServers(options.federate ?? [], options.ca, deps);
  const { push } = options;
  let writing: RemoteWrite | undefined;
  return {
    families: (nowMs) => [
      ...sources.families(nowMs),
      ...servers.families(nowMs),
      ...(writing?.families() ?? []),
      ...(push === undefined ? [] : pushFamilies(push.counts())),
    ],
    async write(cut) {
      writing = await startRemoteWrite(options.remoteWrite ?? [], options, { ...deps, cut });
      push?.begin(cut);
    },
    async stop() {
      await writing?.stop();
      await push?.stop();
      await Promise.all([sources.stop(), servers.stop()]);
    },
  };
}
