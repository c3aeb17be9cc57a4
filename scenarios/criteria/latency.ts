import { quantile, quantileRanks, quantileSamplesNeeded } from '../../contract/statistics.ts';
import type { Measured, Row } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { type Finding, inconclusive, row } from './row.ts';

const p95 = 0.95;
/** Of the quantile's interval: 95 %. */
const quantileAlpha = 0.05;

/** p95 of whole fresh requests from the region's own vantage, before any drill. */
export function latencyRow(facts: Facts, region: string, limitMs: number): Row {
  const durationsMs = facts.results
    .filter((result) => result.check === 'home' && result.region === region && result.vantage === region)
    .filter((result) => result.outcome === 'good' && result.client === 'fresh')
    .map((result) => result.durationMs)
    .sort((a, b) => a - b);
  const limit = `p95 from ${region} under ${limitMs} ms`;
  const evidence = [`home/${region}`, `latency.${region}`];
  return row({ id: `latency.${region}`, limit, evidence }, judge(durationsMs, limitMs));
}

function judge(sortedMs: readonly number[], limitMs: number): Finding {
  const needed = quantileSamplesNeeded(p95, quantileAlpha);
  const ranks = quantileRanks(sortedMs.length, p95, quantileAlpha);
  const value = quantile(sortedMs, p95);
  if (ranks === undefined || value === undefined) {
    return inconclusive(`${sortedMs.length} good samples, want at least ${needed} for an interval of the p95`);
  }
  const [lower = 0, upper = 0] = ranks.map((rank) => sortedMs[rank - 1] ?? Number.NaN);
  const measured: Measured = { value, lower, upper, unit: 'ms' };
  const status = upper < limitMs ? 'pass' : lower >= limitMs ? 'fail' : 'inconclusive';
  const interval = `${lower.toFixed(0)} to ${upper.toFixed(0)} ms with 95 % confidence`;
  const against = { pass: 'under', fail: 'not under', inconclusive: 'around' }[status];
  const because = `p95 is ${value.toFixed(0)} ms (${interval}, ${sortedMs.length} samples), ${against} ${limitMs} ms`;
  return { status, because, measured };
}
