/**
 * The facts of an objective over all aggregators, from what they wrote to the engine. Sums that only go on are taken at
 * both ends of the window; an aggregator that is dead keeps what it wrote last.
 */
import { countedMetrics } from '../../contract/counted-metrics.ts';
import type { Objective } from '../../contract/objective.ts';
import { emptyHistogram, type Histogram } from '../slices/histogram.ts';
import type { SliceCounts, WindowFacts } from '../slo/facts.ts';
import type { Labels, Promql, Vector } from './client.ts';

/** How far back the last word of an aggregator is looked for that was silent for the whole window before. */
const longestSilenceMs = 31 * 86_400_000;
const leastStepMs = 10_000;
const steps = 300;

export async function spanningFacts(objective: Objective, atMs: number, engine: Promql): Promise<WindowFacts> {
  const { windowMs } = objective;
  const matchers = matchersOf(objective, await ownVantages(objective, atMs, engine));
  const counted = `${countedMetrics.countedResults.name}{${matchers}}`;
  const results = await between(counted, { atMs, windowMs }, engine);
  const durations =
    objective.indicator.kind === 'latency'
      ? histogramOf(await between(`${countedMetrics.countedDurations.name}{${matchers}}`, { atMs, windowMs }, engine))
      : emptyHistogram();
  const slices = await slicesOf(counted, { atMs, windowMs }, engine);
  const sum = (outcome: string): number =>
    results.filter(({ labels }) => labels['outcome'] === outcome).reduce((total, { value }) => total + value, 0);
  const seen = results.filter(({ labels, value }) => value > 0 && labels['outcome'] !== 'missing');
  return {
    fromMs: atMs - windowMs,
    atMs,
    good: objective.indicator.kind === 'latency' ? durations.count : Math.max(0, sum('good')),
    bad: Math.max(0, sum('bad')),
    missing: Math.max(0, sum('missing')),
    slices,
    durations,
    samplesMs: null,
    vantages: [...new Set(seen.map(({ labels }) => labels['vantage'] ?? ''))],
  };
}

/** Of an objective that counts only those in its region; else `null`. Which region a vantage is in says its agent. */
async function ownVantages(
  { region, from, windowMs }: Objective,
  atMs: number,
  engine: Promql,
): Promise<readonly string[] | null> {
  if (region === null || from === 'all') return null;
  const seen = await engine.query(`last_over_time(${countedMetrics.agentSeen.name}[${windowMs}ms])`, atMs);
  return [
    ...new Set(seen.filter(({ labels }) => labels['region'] === region).map(({ labels }) => labels['vantage'] ?? '')),
  ];
}

function matchersOf({ check, region }: Objective, vantages: readonly string[] | null): string {
  const matchers = [`check=${JSON.stringify(check)}`];
  if (region !== null) matchers.push(`region=${JSON.stringify(region)}`);
  if (vantages !== null) {
    const names = vantages.map((vantage) => vantage.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')).join('|');
    matchers.push(`vantage=~${JSON.stringify(names)}`);
  }
  return matchers.join(',');
}

type Window = { readonly atMs: number; readonly windowMs: number };

/** By how much each series grew in the window. One that began in it grew from nothing. */
async function between(selector: string, { atMs, windowMs }: Window, engine: Promql): Promise<Vector> {
  const last = (overMs: number, moment: number) => engine.query(`last_over_time(${selector}[${overMs}ms])`, moment);
  const startMs = atMs - windowMs;
  const [now, near] = await Promise.all([last(windowMs, atMs), last(windowMs, startMs)]);
  const before = valuesOf(near);
  const unknown = now.some(({ labels }) => !before.has(keyOf(labels)));
  const far = unknown && windowMs < longestSilenceMs ? valuesOf(await last(longestSilenceMs, startMs)) : before;
  return now.map(({ labels, value }) => {
    const key = keyOf(labels);
    return { labels, value: value - (before.get(key) ?? far.get(key) ?? 0) };
  });
}

function valuesOf(vector: Vector): ReadonlyMap<string, number> {
  return new Map(vector.map(({ labels, value }) => [keyOf(labels), value]));
}

function keyOf(labels: Labels): string {
  const own = Object.entries(labels).filter(([name]) => name !== '__name__');
  return JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function histogramOf(counts: Vector): Histogram {
  const histogram = emptyHistogram();
  for (const { labels, value } of counts) {
    if (value <= 0) continue;
    const { bucket = '' } = labels;
    histogram.count += value;
    if (bucket === 'zero') histogram.zero += value;
    else histogram.buckets.set(Number(bucket), (histogram.buckets.get(Number(bucket)) ?? 0) + value);
  }
  return histogram;
}

/** The window in pieces: only for how bunched failures are, so a piece in which an aggregator was silent is left out. */
async function slicesOf(selector: string, { atMs, windowMs }: Window, engine: Promql): Promise<readonly SliceCounts[]> {
  const stepMs = Math.max(leastStepMs, Math.ceil(windowMs / steps / 1_000) * 1_000);
  const stretch = { fromMs: atMs - windowMs, toMs: atMs, stepMs };
  const matrix = await engine.range(`sum by (aggregator, outcome) (${selector})`, stretch);
  const slices = new Map<number, SliceCounts>();
  for (const { labels, points } of matrix) {
    const outcome = labels['outcome'];
    if (outcome !== 'good' && outcome !== 'bad' && outcome !== 'missing') continue;
    for (const [index, [pointMs, value]] of points.entries()) {
      const before = points[index - 1];
      if (before === undefined || pointMs - before[0] > 1.5 * stepMs) continue;
      const slice = slices.get(before[0]) ?? { atMs: before[0], widthMs: stepMs, good: 0, bad: 0, missing: 0 };
      slice[outcome] += Math.max(0, value - before[1]);
      slices.set(before[0], slice);
    }
  }
  return [...slices.values()].sort((a, b) => a.atMs - b.atMs);
}
