/** Metrics of what is pushed by OTLP: a part of the catalogue. */

export const telemetryMetrics = {
  otlpRequests: entry(
    'blackstart_otlp_requests_total',
    ['outcome'],
    ['Requests to the receiver of OTLP metrics, tries again not among them: taken or failed.'],
  ),
  otlpPoints: entry(
    'blackstart_otlp_points_total',
    ['outcome'],
    ['Data points for the receiver of OTLP metrics. The next push has the numbers of those that failed.'],
  ),
} as const;

function entry(name: string, labels: readonly string[], help: readonly string[]) {
  return { name, type: 'counter' as const, unit: null, labels, help: help.join(' ') };
}
