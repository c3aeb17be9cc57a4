import { quantile } from '../../contract/statistics.ts';
import type { Row } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { type Sample, samplesOf } from './exposition.ts';
import { fail, pass, row } from './row.ts';

/** The metric's p95 comes out of a histogram, and of a window that ended a moment earlier. */
const agreement = { factor: 2, startMs: 200 };
const secondsPerMs = 1 / 1_000;

/** The metrics that dashboards rely on are there for each region, and say what was seen. */
export function metricsRow(facts: Facts, prefix: string, regions: readonly string[]): Row {
  const names = [`${prefix}_region_health`, `${prefix}_region_latency_seconds`, `${prefix}_region_requests_total`];
  const limit = `${names.join(', ')} for each region, as seen (p95 within a factor of ${agreement.factor} or ${agreement.startMs} ms)`;
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

/** The p95 of the region's own vantage, out of a histogram, against that of the same minutes' results. */
function latencyProblems(facts: Facts, prefix: string, region: string): readonly string[] {
  const name = `${prefix}_region_latency_seconds`;
  const [sample] = samplesFor(facts.metrics, name, region);
  if (sample === undefined) return [`${name} of ${region} is missing`];
  const durationsMs = facts.recent
    .filter((result) => result.check === 'home' && result.region === region && result.vantage === region)
    .filter((result) => result.outcome === 'good' && result.burst === null)
    .map((result) => result.durationMs);
  const seenMs = quantile(
    durationsMs.sort((a, b) => a - b),
    0.95,
  );
  if (seenMs === undefined) return [`${name} of ${region} has no good attempt to compare with`];
  const least = (seenMs / agreement.factor) * secondsPerMs;
  const most = Math.max(seenMs * agreement.factor, seenMs + agreement.startMs) * secondsPerMs;
  if (sample.value >= least && sample.value <= most) return [];
  return [`${name} of ${region} is ${sample.value.toFixed(3)}, want ${least.toFixed(3)} to ${most.toFixed(3)}`];
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
