/** Metrics that rules of Prometheus are made from: a part of the catalogue. */

export const sloMetrics = {
  sloWindow: {
    name: 'blackstart_slo_window_results',
    type: 'gauge',
    unit: null,
    labels: ['objective', 'window', 'outcome'],
    help: [
      'What the last 5m, 30m, 1h, 2h, 6h, 1d and 3d of the objective, and its whole window, come to: good, bad, and unsure',
      'which of the two. Missing results count as the objective says; what is excluded, and drills that are not charged,',
      'do not. Only of objectives with an error budget.',
    ].join(' '),
  },
} as const;
