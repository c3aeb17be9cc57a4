/** What comes in from other servers, and goes out to them: metrics that are read, remote write, and alerts. */
import { type Alerting, type AlertingDeps, startAlerting } from './alerts/alerting.ts';
import { readServers } from './federation/servers.ts';
import { readSources, type Sources } from './federation/sources.ts';
import type { Cut } from './metrics/cut.ts';
import type { AggregatorDeps, AggregatorOptions } from './options.ts';
import { pushFamilies } from './otlp/push.ts';
import { type DestinationState, type RemoteWrite, startRemoteWrite } from './remote-write/remote-write.ts';

export type Exchange = Sources & {
  /** Begins to write out. Rejects when the queue on disk cannot be used. */
  write(cut: () => Promise<Cut>): Promise<void>;
  destinations(): readonly DestinationState[];
  /** Begins to tell Alertmanagers, where there are any. `url`: what people reach us by. */
  alert(url: string, saved: string | null, from: Pick<AlertingDeps, 'facts' | 'save'>): void;
};

export function exchangeOf(options: AggregatorOptions, deps: AggregatorDeps): Exchange {
  const sources = readSources(options.sources, options.ca, deps);
  const servers = readServers(options.federate ?? [], options.ca, deps);
  const { push } = options;
  let writing: RemoteWrite | undefined;
  let alerting: Alerting | undefined;
  return {
    families: (nowMs) => [
      ...sources.families(nowMs),
      ...servers.families(nowMs),
      ...(writing?.families() ?? []),
      ...(alerting?.families() ?? []),
      ...(push === undefined ? [] : pushFamilies(push.counts())),
    ],
    states: () => [...sources.states(), ...servers.states()],
    destinations: () => writing?.states() ?? [],
    alert(url, saved, from) {
      const { alertmanagers = [], scenario, ca } = options;
      if (alertmanagers.length > 0)
        alerting = startAlerting({ alertmanagers, scenario, ca, url, saved }, { ...deps, ...from });
    },
    async write(cut) {
      const { name = null, remoteWrite = [] } = options;
      const named =
        name === null ? remoteWrite : remoteWrite.map((to) => ({ ...to, labels: [['aggregator', name]] as const }));
      writing = await startRemoteWrite(named, options, { ...deps, cut });
      push?.begin(cut);
    },
    async stop() {
      await alerting?.stop();
      await writing?.stop();
      await push?.stop();
      await Promise.all([sources.stop(), servers.stop()]);
    },
  };
}
