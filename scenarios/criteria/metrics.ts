import { quantile } from '../../contract/statistics.ts';
import type { Row } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { type Sample, samplesOf } from './exposition.ts';
import { fail, pass, row } from './row.ts';

/** How far a p95 out of a histogram, over a window of its own, may be from that of the samples. */
const latencyFactor = 2;
const secondsPerMs = 1 / 1_000;

/** The metrics that dashboards rely on are there for each region, and say what was seen. */
export function metricsRow(facts: Facts, prefix: string, regions: readonly string[]): Row {
  const names = [`${prefix}_region_health`, `${prefix}_region_latency_seconds`, `${prefix}_region_requests_total`];
  const limit = `${names.join(', ')} for each region, as seen (p95 within a factor of ${latencyFactor})`;
  const wrong = regions.flatMap((region) => [
    ...healthProblems(facts, prefix, region),
    ...latencyProblems(facts, prefix, region),
    ...requestProblems(facts, prefix, region),
  ]);
  const there = regions.length * names.length;
  const measured = {
    value: there - wrong.length,
    lower: there - wrong.length,
    upper: there - wrong.length,
    unit: 'metrics',
  };
  const criterion = { id: 'metrics.names', limit, evidence: ['/metrics'] };
  return row(
    criterion,
    wrong.length > 0
      ? fail(wrong.join('; '), measured)
      : pass(`${names.length} metrics of ${regions.length} regions are there and agree with what was seen`, measured),
  );
}

function samplesFor(text: string, name: string, region: string): readonly Sample[] {
  return samplesOf(text, name).filter(({ labels }) => labels['region'] === region);
}

/** 1 while most attempts at the region's own endpoint are good. */
function healthProblems(facts: Facts, prefix: string, region: string): readonly string[] {
  const name = `${prefix}_region_health`;
  const [sample] = samplesFor(facts.metrics, name, region);
  if (sample === undefined) return [`${name} of ${region} is missing`];
  const attempts = homeOf(facts, region);
  const good = attempts.filter((result) => result.outcome === 'good').length;
  const seen = good * 2 > attempts.length ? 1 : 0;
  return sample.value === seen
    ? []
    : [`${name} of ${region} is ${sample.value}, but ${good} of ${attempts.length} attempts were good`];
}

/** Whose p95 it is, the metric's help says; here it has to be between that of the nearest and of the furthest vantage. */
function latencyProblems(facts: Facts, prefix: string, region: string): readonly string[] {
  const name = `${prefix}_region_latency_seconds`;
  const found = samplesFor(facts.metrics, name, region).filter(({ value }) => Number.isFinite(value));
  if (found.length === 0) return [`${name} of ${region} is missing`];
  const good = homeOf(facts, region).filter((result) => result.outcome === 'good');
  const p95s = [...Map.groupBy(good, (result) => result.vantage).values()].map(
    (results) =>
      (quantile(
        results.map((result) => result.durationMs).sort((a, b) => a - b),
        0.95,
      ) ?? 0) * secondsPerMs,
  );
  if (p95s.length === 0) return [`${name} of ${region} has no good attempt to compare with`];
  const [least, most] = [Math.min(...p95s) / latencyFactor, Math.max(...p95s) * latencyFactor];
  return found
    .filter(({ value }) => !(value >= least && value <= most))
    .map(({ value }) => `${name} of ${region} is ${value.toFixed(3)}, want ${least.toFixed(3)} to ${most.toFixed(3)}`);
}

/** Federated from the region: some, and no more than the region has counted by now. */
function requestProblems(facts: Facts, prefix: string, region: string): readonly string[] {
  const name = `${prefix}_region_requests_total`;
  const total = (text: string): number => samplesFor(text, name, region).reduce((sum, { value }) => sum + value, 0);
  const federated = total(facts.metrics);
  const own = total(facts.regionMetrics[region] ?? '');
  if (samplesFor(facts.metrics, name, region).length === 0) return [`${name} of ${region} is missing`];
  return federated > 0 && federated <= own
    ? []
    : [`${name} of ${region} is ${federated}, but the region counts ${own}`];
}

function homeOf(facts: Facts, region: string) {
  return facts.results.filter(
    (result) => result.check === 'home' && result.region === region && result.outcome !== 'missing',
  );
}
