/** Writes `docs/metrics.md` out of the catalogue: `npm run docs:metrics`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aliasMetrics, catalogue, type MetricEntry } from '../contract/catalogue.ts';

export const metricsFile = join(import.meta.dirname, 'metrics.md');

export function metricsPage(): string {
  const own = Object.values(catalogue);
  const alias = Object.values(aliasMetrics('<prefix>'));
  return `# Metrics

Written by \`npm run docs:metrics\` out of \`contract/catalogue.ts\`: change it there.

\`GET /metrics\` gives all of these as text 0.0.4, OpenMetrics 0.0.1 and 1.0.0, or protobuf, by \`Accept\`; packed by
gzip or zstd, by \`Accept-Encoding\`. \`GET /federate?match[]=…\` gives those that are selected, as Prometheus does.

* Histograms have classic buckets everywhere; in protobuf also base-2 buckets of schema 3 (a native histogram), each
  reaching 9 % further than the one before.
* In OpenMetrics and protobuf, buckets and counters of results carry an exemplar: \`id\` is agent/boot/sequence number of
  a result, as \`GET /api/v1/results\` has it. Where attempts are traced, \`trace_id\` stands before it.
* The series of a vantage end when its agent is gone for two of its intervals, in every format, and with a stale marker in
  remote write; \`blackstart_results_missing_total\` goes on, and says what is missing of it.
* A label set that finds no room goes to a series with \`__overflow__\` for its values, and
  \`blackstart_series_overflow_total\` says so.

| metric | type | unit | labels | |
|---|---|---|---|---|
${own.map(row).join('\n')}

## Of each region

Under the prefix that the scenario sets (\`metrics.prefix\`, \`blackstart\` where it does not).

| metric | type | unit | labels | |
|---|---|---|---|---|
${alias.map(row).join('\n')}
`;
}

function row({ name, type, unit, labels, help }: MetricEntry): string {
  const named = labels.map((label) => `\`${label}\``).join(' ');
  return `| \`${name}\` | ${type} | ${unit ?? ''} | ${named} | ${help.replaceAll('|', '\\|')} |`;
}

if (import.meta.main) writeFileSync(metricsFile, metricsPage());
