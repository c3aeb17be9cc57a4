/** Metrics from which several aggregators are summed in an engine: a part of the catalogue. */

/** Only what a result has for ever: a label that could become another would leave the old series behind, and in sums. */
const whose = ['check', 'vantage', 'region'] as const;

export const countedMetrics = {
  countedResults: {
    name: 'blackstart_counted_results',
    type: 'gauge' as const,
    unit: null,
    labels: [...whose, 'outcome', 'reason'] as readonly string[],
    help:
      'Results ever counted by this aggregator, over restarts, by outcome; missing ones by reason, and by the region ' +
      'that the check asks. What was expected is the sum. A late result takes its place among the missing, so take ' +
      'the difference of two moments, not a rate. Only of an aggregator with a name.',
  },
  countedDurations: {
    name: 'blackstart_counted_duration_results',
    type: 'gauge' as const,
    unit: null,
    labels: [...whose, 'bucket'] as readonly string[],
    help:
      'Good results ever counted by this aggregator, by how long they took: bucket i holds those over 2^((i-1)/8) and ' +
      'up to 2^(i/8) seconds, zero those of under a microsecond. Not cumulative. Only of an aggregator with a name.',
  },
  agentSeen: {
    name: 'blackstart_agent_seen_timestamp_seconds',
    type: 'gauge' as const,
    unit: 'seconds' as const,
    labels: ['agent', 'vantage', 'region', 'boot', 'version'] as readonly string[],
    help: 'When this aggregator heard of an agent last that is its own. Only of an aggregator with a name.',
  },
} as const;
