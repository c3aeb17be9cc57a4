/** What the exporter says of itself, under blackbox_exporter's names: alerts on it hold as they are. */
import type { ReloadState } from '../reloaded.ts';
import type { Family } from './metrics.ts';

export type OwnCounts = {
  unknownModules: number;
  scrapesNow: number;
  readonly scrapes: Record<'200' | '500' | '503', number>;
};

export function newOwnCounts(): OwnCounts {
  return { unknownModules: 0, scrapesNow: 0, scrapes: { 200: 0, 500: 0, 503: 0 } };
}

export type OwnFacts = {
  readonly version: string;
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly reload: Pick<ReloadState, 'ok' | 'usedAtMs'>;
  readonly counts: OwnCounts;
};

export function ownFamilies({ version, platform, reload, counts }: OwnFacts): readonly Family[] {
  const one = (value: number): Family['samples'] => [{ labels: {}, value }];
  const build = { branch: '', goarch: platform.architecture, goos: platform.os, goversion: '', revision: '', tags: '' };
  return [
    {
      name: 'blackbox_exporter_build_info',
      help: "A metric with a constant '1' value labeled by version, revision, branch, goversion from which blackbox_exporter was built, and the goos and goarch for the build.",
      type: 'gauge',
      samples: [{ labels: { ...build, version }, value: 1 }],
    },
    {
      name: 'blackbox_exporter_config_last_reload_success_timestamp_seconds',
      help: 'Timestamp of the last successful configuration reload.',
      type: 'gauge',
      samples: one(reload.usedAtMs / 1_000),
    },
    {
      name: 'blackbox_exporter_config_last_reload_successful',
      help: 'Blackbox exporter config loaded successfully.',
      type: 'gauge',
      samples: one(Number(reload.ok)),
    },
    {
      name: 'blackbox_module_unknown_total',
      help: 'Count of unknown modules requested by probes',
      type: 'counter',
      samples: one(counts.unknownModules),
    },
    {
      name: 'promhttp_metric_handler_requests_in_flight',
      help: 'Current number of scrapes being served.',
      type: 'gauge',
      samples: one(counts.scrapesNow),
    },
    {
      name: 'promhttp_metric_handler_requests_total',
      help: 'Total number of scrapes by HTTP status code.',
      type: 'counter',
      samples: Object.entries(counts.scrapes).map(([code, value]) => ({ labels: { code }, value })),
    },
  ];
}
