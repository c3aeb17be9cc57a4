/** Every metric that the aggregator gives: its name, help, unit, type and labels. Docs, rules and dashboards are held against it. */

import { alertMetrics } from './alert-metrics.ts';
import { countedMetrics } from './counted-metrics.ts';
import { drillMetrics } from './drill-metrics.ts';
import { exchangeMetrics } from './exchange-metrics.ts';
import { sloMetrics } from './slo-metrics.ts';
import { telemetryMetrics } from './telemetry-metrics.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';
export type MetricUnit = 'seconds' | 'bytes' | 'ratio' | null;

export type MetricEntry = {
  /** In full: counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly unit: MetricUnit;
  readonly type: MetricType;
  readonly labels: readonly string[];
  /** Its series go on when their vantage is gone: they say what is missing of it. */
  readonly outlivesVantage?: true;
};

/** `region`: the region asked, or that the name led to. `served_by`: who says that it answered. */
const probeLabels = ['target', 'check', 'region', 'served_by', 'vantage'] as const;

export const catalogue = {
  probeDuration: entry('blackstart_probe_duration_seconds', 'histogram', 'seconds', probeLabels, [
    'How long attempts took that were answered as expected, from their start to the last byte. Bursts are not in it.',
  ]),
  probePhase: entry(
    'blackstart_probe_phase_seconds',
    'summary',
    'seconds',
    [...probeLabels, 'phase'],
    ['How long the phases of all attempts took. An attempt that stopped has no later phase.'],
  ),
  probeResults: entry(
    'blackstart_probe_results_total',
    'counter',
    null,
    [...probeLabels, 'outcome', 'blame'],
    [
      'Attempts by outcome. A bad one is counted when its round is judged, with whose fault it was; a vantage in',
      'trouble has missing results, not bad ones. Bursts are not in it.',
    ],
  ),
  resultsMissing: {
    ...entry(
      'blackstart_results_missing_total',
      'counter',
      null,
      ['check', 'vantage', 'reason'],
      [
        'Results that were expected and are not there, by reason; of an agent that is gone when the slice is complete.',
        'check is empty for numbers that an agent dropped before anybody knew what they were.',
      ],
    ),
    outlivesVantage: true,
  },
  burstResults: entry(
    'blackstart_burst_results_total',
    'counter',
    null,
    ['check', 'vantage', 'client', 'outcome'],
    ['Attempts made in bursts, by outcome; objectives do not count them.'],
  ),
  residencyResults: entry(
    'blackstart_residency_results_total',
    'counter',
    null,
    ['target', 'check', 'region', 'served_by', 'vantage', 'country', 'outcome'],
    [
      'Residency checks by the country of their user: good is served, stored or refused as the rule says, bad is a leak;',
      'what did not come about, such as an error, is missing.',
    ],
  ),
  sloStatus: entry(
    'blackstart_slo_status',
    'gauge',
    null,
    ['objective', 'status'],
    ['1 for the verdict on the objective as of now, 0 for the others.'],
  ),
  sloSamples: entry(
    'blackstart_slo_samples',
    'gauge',
    null,
    ['objective'],
    ['Samples in the window of the objective.'],
  ),
  sloMissing: entry(
    'blackstart_slo_missing',
    'gauge',
    null,
    ['objective'],
    ['Samples that were expected in the window and are not there.'],
  ),
  sloNeeded: entry(
    'blackstart_slo_needed',
    'gauge',
    null,
    ['objective'],
    ['How many more samples would decide, if they go on like these; 0 when it is decided.'],
  ),
  sloRatio: entry(
    'blackstart_slo_good_ratio',
    'gauge',
    'ratio',
    ['objective', 'bound'],
    ['Share of good results in the window: measured, the bounds of its 95 % interval, and the target.'],
  ),
  sloLatency: entry(
    'blackstart_slo_latency_seconds',
    'gauge',
    'seconds',
    ['objective', 'bound'],
    ['Quantile of the durations in the window: measured, the bounds of its 95 % interval, and the target.'],
  ),
  ...sloMetrics,
  drillPhase: entry(
    'blackstart_drill_phase',
    'gauge',
    null,
    ['drill', 'name', 'region', 'phase'],
    ['1 for the phase that the drill is in, 0 for the others.'],
  ),
  drillStatus: entry(
    'blackstart_drill_status',
    'gauge',
    null,
    ['drill', 'name', 'region', 'status'],
    ['1 for the verdict on the drill so far, 0 for the others.'],
  ),
  drillRestored: entry(
    'blackstart_drill_restored',
    'gauge',
    null,
    ['drill', 'name', 'region'],
    ['1 when everything is back as it was, verified.'],
  ),
  drillStage: entry(
    'blackstart_drill_stage_seconds',
    'gauge',
    'seconds',
    ['drill', 'vantage', 'client', 'stage', 'bound'],
    ['When the stage of the failover came, after the injection, as bounds. A stage that was not observed is absent.'],
  ),
  ...drillMetrics,
  agentConnected: entry(
    'blackstart_agent_connected',
    'gauge',
    null,
    ['agent', 'vantage', 'region'],
    ['1 while the agent is connected.'],
  ),
  agentClockOffset: entry(
    'blackstart_agent_clock_offset_seconds',
    'gauge',
    'seconds',
    ['agent', 'vantage'],
    ["Aggregator's clock minus the agent's."],
  ),
  agentClockError: entry(
    'blackstart_agent_clock_error_seconds',
    'gauge',
    'seconds',
    ['agent', 'vantage'],
    ['How far off the clock offset may be.'],
  ),
  agentExpected: entry(
    'blackstart_agent_results_expected',
    'gauge',
    null,
    ['agent', 'vantage'],
    ['Results that are expected of the vantage in the slices kept.'],
  ),
  linkFrames: entry('blackstart_link_frames_total', 'counter', null, ['type'], ['Frames read from agents, by type.']),
  linkRefused: entry(
    'blackstart_link_refused_total',
    'counter',
    null,
    ['code'],
    ['Agent connections that were closed because of what came over them, by close code.'],
  ),
  httpRefused: entry(
    'blackstart_http_refused_total',
    'counter',
    null,
    ['reason'],
    ['Connections and requests that were refused or cut off before they were answered, by reason.'],
  ),
  linkRepeated: entry(
    'blackstart_link_repeated_results_total',
    'counter',
    null,
    [],
    ['Results that had been counted before, and were acknowledged and ignored.'],
  ),
  clockRestarts: entry(
    'blackstart_agent_clock_restarts_total',
    'counter',
    null,
    ['vantage'],
    ["Times an agent's clock contradicted what was known of it: it was stepped, or its machine suspended."],
  ),
  committed: entry(
    'blackstart_results_committed_total',
    'counter',
    null,
    [],
    ['Results that are on disk and counted.'],
  ),
  commits: entry('blackstart_commits_total', 'counter', null, ['result'], ['Transactions, by how they ended.']),
  commitSeconds: entry(
    'blackstart_commit_seconds',
    'summary',
    'seconds',
    [],
    ['From the oldest result in a transaction being read to all of it being on disk.'],
  ),
  storeFailing: entry(
    'blackstart_store_failing',
    'gauge',
    null,
    [],
    ['1 while results cannot be stored, as on a full disk: none is acknowledged until they can.'],
  ),
  streamLost: entry(
    'blackstart_stream_lost_total',
    'counter',
    null,
    [],
    ['Events left out because a reader of the stream was too slow.'],
  ),
  seriesOverflow: entry(
    'blackstart_series_overflow_total',
    'counter',
    null,
    ['metric'],
    [
      'Times that a label set of the metric found no room, because its check at its vantage, its vantage or the metric had',
      'too many, or a value was too long. Its numbers are in a series with __overflow__ for the values left out.',
    ],
  ),
  sourceUp: entry(
    'blackstart_source_up',
    'gauge',
    null,
    ['region'],
    ["1 when the last reading of the region's own metrics worked."],
  ),
  sourceSeconds: entry(
    'blackstart_source_read_seconds',
    'gauge',
    'seconds',
    ['region'],
    ["How long the last reading of the region's own metrics took."],
  ),
  ...exchangeMetrics,
  ...telemetryMetrics,
  ...alertMetrics,
  ...countedMetrics,
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type MetricKey = keyof typeof catalogue;

/** Per region, under a prefix that a scenario sets: what dashboards made for the service expect. */
export function aliasMetrics(prefix: string): Readonly<Record<'health' | 'latency' | 'errors', MetricEntry>> {
  const labels = ['region'];
  return {
    health: entry(`${prefix}_region_health`, 'gauge', null, labels, [
      '1 when the region answers as expected, seen from its own vantage where it has one; absent when nobody knows.',
    ]),
    latency: entry(`${prefix}_region_latency_seconds`, 'gauge', 'seconds', labels, [
      '95th percentile of the last five minutes, seen from its own vantage where it has one.',
    ]),
    errors: entry(`${prefix}_region_errors_ratio`, 'gauge', 'ratio', labels, [
      'Share of bad results in the last five minutes, seen from its own vantage where it has one.',
    ]),
  };
}

function entry(
  name: string,
  type: MetricType,
  unit: MetricUnit,
  labels: readonly string[],
  help: readonly string[],
): MetricEntry {
  return { name, type, unit, labels, help: help.join(' ') };
}
